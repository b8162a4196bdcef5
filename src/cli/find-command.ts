/** Which command the first words name, or what to say instead. Pure. */
import type { CommandSpec } from './command.ts';
import { CONNECTION_FLAGS } from './flags.ts';
import { groupsOf } from './help.ts';
import { leadingFlags } from './leading-flags.ts';
import { suggest } from './suggest.ts';

export type Found =
  | { readonly kind: 'program-help'; readonly status: number }
  | { readonly kind: 'group-help'; readonly group: string; readonly status: number }
  | { readonly kind: 'command-help'; readonly spec: CommandSpec }
  | { readonly kind: 'unknown'; readonly sentence: string }
  | { readonly kind: 'agent'; readonly rest: readonly string[] }
  | { readonly kind: 'command'; readonly spec: CommandSpec; readonly rest: readonly string[] };

const HELP = ['-h', '-help', '--help'];
const VERSION = ['-v', '-version', '--version'];
/** What a shell answers for a command that is not there. */
const NOT_FOUND = 127;

export function findCommand(words: readonly string[], commands: readonly CommandSpec[]): Found {
  const [first] = words;
  if (first === undefined) return { kind: 'program-help', status: NOT_FOUND };
  if (HELP.includes(first)) return { kind: 'program-help', status: 0 };
  if (first === 'help') return findCommand([...words.slice(1), '-help'], commands);
  if (VERSION.includes(first)) return findCommand(['version'], commands);
  if (first === 'agent') return { kind: 'agent', rest: words.slice(1) };
  for (let length = Math.min(MOST_WORDS, words.length); length > 0; length--) {
    const name = words.slice(0, length).join(' ');
    const spec = byWords(commands, name);
    if (spec) return callOrHelp(spec, words.slice(length));
    if (commands.some(({ words: each }) => each.startsWith(`${name} `))) return inGroup(name, words[length], commands);
  }
  return unknown(first, commands);
}

/** "marathon app version list". */
const MOST_WORDS = 4;

const byWords = (commands: readonly CommandSpec[], words: string): CommandSpec | undefined =>
  commands.find((spec) => spec.words === words || spec.aliases?.includes(words));

function callOrHelp(spec: CommandSpec, rest: readonly string[]): Found {
  const end = rest.indexOf('--');
  const open = end === -1 ? rest : rest.slice(0, end);
  const flags = spec.isSealed ? open.slice(0, leadingFlags(open, shapesOf(spec))) : open;
  return flags.some((word) => HELP.includes(word)) ? { kind: 'command-help', spec } : { kind: 'command', spec, rest };
}

const shapesOf = ({ flags }: CommandSpec) =>
  [...flags, ...CONNECTION_FLAGS].map(({ name, value }) => ({ name, takesValue: value !== undefined }));

function inGroup(group: string, second: string | undefined, commands: readonly CommandSpec[]): Found {
  if (second === undefined) return { kind: 'group-help', group, status: NOT_FOUND };
  if (HELP.includes(second)) return { kind: 'group-help', group, status: 0 };
  const depth = group.split(' ').length + 1;
  const members = commands.filter((spec) => spec.words.startsWith(`${group} `));
  const known = new Set(members.map(({ words }) => words.split(' ').slice(0, depth).join(' ')));
  const nearest = suggest(`${group} ${second}`, [...known]);
  return { kind: 'unknown', sentence: sentence(`${group} ${second}`, nearest, `serin ${group} -help`) };
}

function unknown(word: string, commands: readonly CommandSpec[]): Found {
  const known = ['agent', ...groupsOf(commands), ...commands.flatMap((spec) => [spec.words, ...(spec.aliases ?? [])])];
  const single = known.filter((words) => !words.includes(' '));
  return { kind: 'unknown', sentence: sentence(word, suggest(word, single), 'serin -help') };
}

const sentence = (word: string, nearest: string | undefined, help: string): string =>
  `There is no command "${word}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`} See '${help}'.`;
