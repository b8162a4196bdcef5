import { expect, it } from 'vitest';
import { COMMANDS } from './command-table.ts';
import { findCommand } from './find-command.ts';
import { sealed } from './leading-flags.ts';

const FLAGS = [
  { name: 'task', takesValue: true },
  { name: 't', takesValue: false },
];

it.each<[string[], string[]]>([
  [
    ['0423', 'ls', '-l'],
    ['--', '0423', 'ls', '-l'],
  ],
  [
    ['-task', 'web', '0423', 'df', '-h'],
    ['-task', 'web', '--', '0423', 'df', '-h'],
  ],
  [
    ['-t=false', '--task=web', '0423', 'x'],
    ['-t=false', '--task=web', '--', '0423', 'x'],
  ],
  [
    ['-t', '--', '0423', '-x'],
    ['-t', '--', '0423', '-x'],
  ],
  [['-t'], ['-t', '--']],
])('%j: no flag of ours stands behind the first argument', (words, expected) => {
  expect(sealed(words, FLAGS)).toEqual(expected);
});

it.each<[string, string]>([
  ['alloc exec -h', 'command-help'],
  ['alloc exec -task web -help', 'command-help'],
  ['alloc exec 0423 df -h', 'command'],
  ['alloc exec -task web 0423 ls --help', 'command'],
])('"%s" is a %s', (words, kind) => {
  expect(findCommand(words.split(' '), COMMANDS).kind).toBe(kind);
});
