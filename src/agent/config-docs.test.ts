/** docs/configuration.md and the code say the same, both ways. */
import { expect, it } from 'vitest';
import { readDoc, rowsOf, sectionOf } from '../lib/testing/doc-tables.ts';
import { AGENT_FLAGS } from './agent-flags.ts';
import { type BlockSchema, CONFIG_SCHEMA, type Kind } from './config-schema.ts';

const DOC = readDoc('configuration.md');

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  string: 'text',
  number: 'number',
  bool: 'bool',
  duration: 'duration',
  list: 'list',
  map: 'map',
  block: 'block',
  ignored: 'ignored',
};

function namesOf(schema: BlockSchema, path = ''): string[] {
  return Object.entries(schema).flatMap(([name, kind]) => {
    if (typeof kind === 'string') return [`${path}${name}: ${KIND_WORDS[kind]}`];
    if ('labelled' in kind && typeof kind.labelled === 'object')
      return namesOf(kind.labelled as BlockSchema, `${path}${name} "<name>".`);
    return namesOf(kind as BlockSchema, `${path}${name}.`);
  });
}

it('every name of a configuration file is documented with its type, and every documented one exists', () => {
  const documented = rowsOf(sectionOf(DOC, '## Names')).map(([name, type]) => `${name}: ${type}`);
  expect(documented.sort()).toEqual(namesOf(CONFIG_SCHEMA).sort());
});

it('what is not ignored says what it does', () => {
  const silent = rowsOf(sectionOf(DOC, '## Names')).filter(([, type, about]) => type !== 'ignored' && about === '');
  expect(silent).toEqual([]);
});

it('every flag of the agent is documented in its words, and every documented one exists', () => {
  const flags = AGENT_FLAGS.map(({ name, value, about }) => [`-${name}${value ? ` <${value}>` : ''}`, about]);
  expect(rowsOf(sectionOf(DOC, '## Flags of `serin agent`'))).toEqual(flags);
});
