/** Functions on text. Characters are counted as code points. */
import { fail, integer, text, texts } from '../arguments.ts';
import { define, type PureFunction } from '../function-table.ts';
import type { Value } from '../value.ts';
import { formatText } from './format.ts';

export const stringFunctions: Readonly<Record<string, PureFunction>> = {
  chomp: define('text', (args) => text(args, 0).replace(/[\r\n]+$/, '')),
  endswith: define('text, suffix', (args) => text(args, 0).endsWith(text(args, 1))),
  format: define('format, values...', (args) => formatText(text(args, 0), args.slice(1))),
  formatlist: define('format, values...', (args, spend) => formatList(args, spend)),
  indent: define('spaces, text', (args, spend) => indent(integer(args, 0), text(args, 1), spend)),
  join: define('separator, lists...', (args) => join(args)),
  lower: define('text', (args) => text(args, 0).toLowerCase()),
  split: define('separator, text', (args) => split(text(args, 0), text(args, 1))),
  startswith: define('text, prefix', (args) => text(args, 0).startsWith(text(args, 1))),
  strcontains: define('text, part', (args) => text(args, 0).includes(text(args, 1))),
  strlen: define('text', (args) => [...text(args, 0)].length),
  strrev: define('text', (args) => [...text(args, 0)].reverse().join('')),
  substr: define('text, offset, length', (args) => substr(text(args, 0), integer(args, 1), integer(args, 2))),
  title: define('text', (args) =>
    text(args, 0).replace(/(^|\s)(\p{L})/gu, (_, gap, first) => gap + first.toUpperCase()),
  ),
  trim: define('text, characters', (args) => trim(text(args, 0), text(args, 1))),
  trimprefix: define('text, prefix', (args) => trimPrefix(text(args, 0), text(args, 1))),
  trimspace: define('text', (args) => text(args, 0).trim()),
  trimsuffix: define('text, suffix', (args) => trimSuffix(text(args, 0), text(args, 1))),
  upper: define('text', (args) => text(args, 0).toUpperCase()),
};

function split(separator: string, value: string): string[] {
  return separator === '' ? [...value] : value.split(separator);
}

function join(args: readonly Value[]): string {
  return args
    .slice(1)
    .flatMap((_, at) => texts(args, at + 1))
    .join(text(args, 0));
}

function indent(spaces: number, value: string, spend: (amount: number) => void): string {
  if (spaces < 0 || spaces > 1000) return fail(0, 'the number of spaces must be between 0 and 1000');
  spend((value.split('\n').length * spaces) / 1000);
  return value.replaceAll('\n', `\n${' '.repeat(spaces)}`);
}

function substr(value: string, offset: number, length: number): string {
  const characters = [...value];
  const start = offset < 0 ? Math.max(0, characters.length + offset) : offset;
  return characters.slice(start, length === -1 ? undefined : start + Math.max(0, length)).join('');
}

function trim(value: string, cut: string): string {
  const characters = [...value];
  const unwanted = new Set(cut);
  const start = characters.findIndex((each) => !unwanted.has(each));
  const end = characters.findLastIndex((each) => !unwanted.has(each));
  return start === -1 ? '' : characters.slice(start, end + 1).join('');
}

const trimPrefix = (value: string, prefix: string): string =>
  value.startsWith(prefix) ? value.slice(prefix.length) : value;

const trimSuffix = (value: string, suffix: string): string =>
  suffix !== '' && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value;

/** Lists among the values are walked together; everything else is the same in each line. */
function formatList(args: readonly Value[], spend: (amount: number) => void): Value {
  const values = args.slice(1);
  const lengths = values.flatMap((each) => (Array.isArray(each) ? [each.length] : []));
  const count = lengths.length === 0 ? 1 : lengths[0]!;
  if (lengths.some((each) => each !== count)) return fail(-1, 'all lists must have the same length');
  spend(count);
  return Array.from({ length: count }, (_, at) =>
    formatText(
      text(args, 0),
      values.map((each) => (Array.isArray(each) ? (each[at] as Value) : each)),
    ),
  );
}
