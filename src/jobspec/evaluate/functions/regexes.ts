/** Functions with regular expressions. The syntax of job files is RE2's; what differs in ours is translated. */
import { fail, text } from '../arguments.ts';
import { define, type PureFunction } from '../function-table.ts';
import type { Value } from '../value.ts';

export const regexFunctions: Readonly<Record<string, PureFunction>> = {
  regex: define('pattern, text', (args) => {
    const match = compile(text(args, 0), '').exec(bounded(text(args, 1)));
    return match ? captures(match) : fail(0, 'the pattern does not match the text');
  }),
  regexall: define('pattern, text', (args, spend) => {
    const matches = [...bounded(text(args, 1)).matchAll(compile(text(args, 0), 'g'))];
    spend(matches.length);
    return matches.map(captures);
  }),
  regex_replace: define('text, pattern, replacement', (args) =>
    replaceAll(text(args, 0), text(args, 1), text(args, 2)),
  ),
  replace: define('text, part, replacement', (args) => replace(text(args, 0), text(args, 1), text(args, 2))),
};

const MAX_PATTERN = 1000;
const MAX_TEXT = 100_000;

function compile(pattern: string, flags: string): RegExp {
  if (pattern.length > MAX_PATTERN) return fail(0, 'the pattern is too long');
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const body = pattern
    .slice(inline?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\z', '$')
    .replaceAll('\\A', '^');
  try {
    return new RegExp(body, `${flags}u${inline ? [...new Set(inline[1])].join('') : ''}`);
  } catch {
    return fail(0, `"${pattern}" is no regular expression`);
  }
}

const bounded = (value: string): string => (value.length <= MAX_TEXT ? value : fail(1, 'the text is too long'));

/** Named groups make a map, groups a list, none of them the text. */
function captures(match: RegExpMatchArray): Value {
  if (match.groups) return new Map(Object.entries(match.groups).map(([name, value]) => [name, value ?? null]));
  return match.length > 1 ? match.slice(1).map((each) => each ?? null) : match[0];
}

/** "/…/" stands for a regular expression, anything else for itself. */
function replace(value: string, part: string, replacement: string): string {
  const pattern = /^\/(.+)\/$/s.exec(part)?.[1];
  return pattern === undefined ? value.split(part).join(replacement) : replaceAll(value, pattern, replacement);
}

function replaceAll(value: string, pattern: string, replacement: string): string {
  const template = replacement.replace(/\$\{(\w+)\}/g, (_, name: string) =>
    /^\d+$/.test(name) ? `$${name}` : `$<${name}>`,
  );
  return bounded(value).replace(compile(pattern, 'g'), template);
}
