/** What `-help` prints: the program, a group of commands, one command. Pure. */
import type { CommandSpec } from './command.ts';
import { CONNECTION_FLAGS, type FlagSpec } from './flags.ts';

const AGENT: readonly [string, string] = [
  'agent',
  'Runs an agent: server, node and ingress. Begin with `serin agent -dev`.',
];

export function formatProgramHelp(commands: readonly CommandSpec[]): string {
  const single = commands.flatMap((spec) => [
    ...(spec.words.includes(' ') ? [] : [[spec.words, spec.summary] as const]),
    ...(spec.aliases ?? []).map((alias) => [alias, `The same as \`${spec.words}\`. ${spec.summary}`] as const),
  ]);
  const groups = groupsOf(commands).map((group) => [group, membersOf(commands, group)] as const);
  return [
    'Usage: serin <command> [options] [arguments]',
    '',
    'Runs services on machines and updates them without dropping a request.',
    '',
    'Commands:',
    columns([AGENT, ...single]),
    '',
    'Groups of commands:',
    columns(groups.flatMap(([group, members]) => wrapped(group, members))),
    '',
    "Each has its own help: 'serin job run -help'. Flags take one dash or two.",
  ].join('\n');
}

export function formatGroupHelp(group: string, commands: readonly CommandSpec[]): string {
  const members = commands.filter((spec) => spec.words.startsWith(`${group} `));
  return [
    `Usage: serin ${group} <command> [options] [arguments]`,
    '',
    'Commands:',
    columns(members.map((spec) => [spec.words.slice(group.length + 1), spec.summary])),
  ].join('\n');
}

export function formatCommandHelp(spec: CommandSpec): string {
  return [
    `Usage: serin ${spec.words} [options]${spec.args === '' ? '' : ` ${usageOf(spec.args)}`}`,
    ...(spec.aliases ?? []).map((alias) => `Alias: serin ${alias}`),
    '',
    spec.summary,
    ...(spec.flags.length === 0 ? [] : ['', 'Options:', flagLines(spec.flags)]),
    '',
    'General options:',
    flagLines(CONNECTION_FLAGS),
    ...(spec.example === undefined ? [] : ['', `Example: ${spec.example}`]),
  ].join('\n');
}

/** "<allocation> <task>?" → "<allocation> [<task>]". */
export const usageOf = (args: string): string => args.replaceAll(/(<[^>]+>)\?/g, '[$1]');

export const groupsOf = (commands: readonly CommandSpec[]): string[] => [
  ...new Set(commands.filter(({ words }) => words.includes(' ')).map(({ words }) => words.split(' ')[0]!)),
];

const membersOf = (commands: readonly CommandSpec[], group: string): string[] =>
  commands.filter(({ words }) => words.startsWith(`${group} `)).map(({ words }) => words.slice(group.length + 1));

const WIDEST_LIST = 100;

/** As many lines as the members need; only the first bears the group's name. */
function wrapped(group: string, members: readonly string[]): [string, string][] {
  const lines: string[] = [];
  for (const member of members) {
    const longer = lines.length > 0 ? `${lines.at(-1)}, ${member}` : member;
    if (longer.length <= WIDEST_LIST) lines.splice(-1, 1, longer);
    else lines.splice(-1, 1, `${lines.at(-1)},`, member);
  }
  return lines.map((line, at) => [at === 0 ? group : '', line]);
}

const flagLines = (flags: readonly FlagSpec[]): string =>
  columns(flags.map((flag) => [`-${flag.name}${flag.value === undefined ? '' : ` <${flag.value}>`}`, flag.about]));

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join('\n');
}
