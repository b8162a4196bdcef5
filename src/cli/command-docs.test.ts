/** docs/commands.md and the table of commands say the same, both ways. */
import { describe, expect, it } from 'vitest';
import { headingsOf, readDoc, rowsOf, sectionOf } from '../lib/testing/doc-tables.ts';
import { COMMANDS } from './command-table.ts';
import { CONNECTION_FLAGS, type FlagSpec } from './flags.ts';
import { usageOf } from './help.ts';

const DOC = readDoc('commands.md');

const rowOf = ({ name, value, about }: FlagSpec): string[] => [`-${name}${value ? ` <${value}>` : ''}`, about];

it('every command is documented, and every documented one exists', () => {
  const documented = headingsOf(DOC, '## serin ');
  expect(documented).toEqual(COMMANDS.map(({ words }) => words));
});

it('every flag that all commands have is documented in its words, and every documented one exists', () => {
  expect(rowsOf(sectionOf(DOC, '## Flags of every command'))).toEqual(CONNECTION_FLAGS.map(rowOf));
});

describe('serin', () => {
  it.each(COMMANDS)('$words is documented with its usage, aliases, example and flags', (spec) => {
    const section = sectionOf(DOC, `## serin ${spec.words}`);
    expect(section).toContain(`\`${`serin ${spec.words} ${usageOf(spec.args)}`.trim()}\``);
    for (const alias of spec.aliases ?? []) expect(section).toContain(`\`serin ${alias}\``);
    if (spec.example) expect(section).toContain(`\`${spec.example}\``);
    expect(section).toContain(spec.summary);
    expect(rowsOf(section)).toEqual(spec.flags.map(rowOf));
  });
});
