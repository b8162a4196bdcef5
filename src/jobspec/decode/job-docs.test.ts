/** docs/job-files.md and the tables of job files say the same, both ways. */
import { describe, expect, it } from 'vitest';
import { headingsOf, readDoc, rowsOf, sectionOf } from '../../lib/testing/doc-tables.ts';
import { functionsFor } from '../evaluate/functions/all.ts';
import { jobFile } from './job-schema.ts';
import type { AttributeType, BlockSchema } from './schema.ts';

const DOC = readDoc('job-files.md');
const BLOCKS = sectionOf(DOC, '## Blocks');

const TYPE_WORDS: Readonly<Record<AttributeType, string>> = {
  string: 'text',
  number: 'number',
  integer: 'number',
  amount: 'number',
  bool: 'bool',
  duration: 'duration',
  strings: 'list',
  stringMap: 'map',
  stringLists: 'map of lists',
  any: 'any',
};

/** Fields by block name; blocks of one name in several places (scaling, vault) share a section. */
function fieldsByBlock(): Map<string, Map<string, string>> {
  const blocks = new Map<string, Map<string, string>>();
  const add = (name: string, schema: BlockSchema): void => {
    if (schema.content !== 'fields') return;
    const fields = blocks.get(name) ?? new Map<string, string>();
    blocks.set(name, fields);
    for (const [field, { type, required }] of Object.entries(schema.attributes))
      fields.set(field, `${required ? '!' : ''}${TYPE_WORDS[type]}`);
    for (const [field, nested] of Object.entries(schema.blocks)) {
      fields.set(field, `${nested.required ? '!' : ''}${nested.as === 'one' ? 'block' : 'blocks'}`);
      add(field, nested.schema);
    }
  };
  for (const [name, nested] of Object.entries(jobFile.blocks)) add(name, nested.schema);
  return blocks;
}

const FIELDS = fieldsByBlock();

it('every block of a job file is documented, and every documented one exists', () => {
  expect(headingsOf(BLOCKS, '### ').sort()).toEqual([...FIELDS.keys()].sort());
});

describe('the block', () => {
  it.each([...FIELDS.keys()])('%s is documented with all its fields, and has all that are documented', (name) => {
    const documented = rowsOf(sectionOf(BLOCKS, `### ${name}`)).map(([field, type]) => {
      const isRequired = field!.endsWith(' !');
      return [isRequired ? field!.slice(0, -2) : field, `${isRequired ? '!' : ''}${type}`];
    });
    expect(documented.sort()).toEqual([...FIELDS.get(name)!].sort());
  });
});

it('every function is documented with its arguments, and every documented one exists', () => {
  const documented = [...sectionOf(DOC, '### Functions').matchAll(/`([^`]+\))`/g)].map(([, usage]) => usage);
  const functions = [...functionsFor(undefined)].map(([name, { usage }]) => `${name}(${usage})`);
  expect(documented.sort()).toEqual(functions.sort());
});
