/** Names, labels and blocks that the table does not know, or misses. */
import type { Diagnostics } from '../diagnostic.ts';
import { suggestName } from '../suggest.ts';
import type { Attribute, Block, Body } from '../syntax/ast.ts';
import { AttributeTypes, type BlockSchema } from './schema.ts';

export function reportUnknownAttribute({ name, nameRange }: Attribute, schema: BlockSchema, to: Diagnostics): void {
  const isBlock = Object.hasOwn(schema.blocks, name);
  const detail = `An argument named "${name}" is not expected here.`;
  const expected = isBlock ? `"${name}" is a block: write ${name} { … } without "=".` : suggest(name, schema);
  to.error(nameRange, 'Unsupported argument', detail, expected);
}

export function reportUnknownBlock({ type, typeRange }: Block, schema: BlockSchema, to: Diagnostics): void {
  const attribute = Object.hasOwn(schema.attributes, type) ? schema.attributes[type] : undefined;
  const detail = `Blocks of type "${type}" are not expected here.`;
  const expected = attribute
    ? `"${type}" is an argument: write ${type} = …, ${AttributeTypes[attribute.type]}.`
    : suggest(type, schema);
  to.error(typeRange, 'Unsupported block type', detail, expected);
}

export function reportMissing(name: string, what: 'argument' | 'block', body: Body, to: Diagnostics): void {
  if (body.isBroken) return;
  const summary = `Missing required ${what}`;
  const detail = `The ${what} "${name}" is required, but no definition was found.`;
  to.error(body.missingAt, summary, detail, `expected ${name} ${what === 'block' ? '{ … }' : '= …'} in this block`);
}

export function checkLabels({ type, typeRange, labels }: Block, schema: BlockSchema, to: Diagnostics): void {
  const wanted = schema.labels;
  const shape = [type, ...wanted.map((each) => `"${each}"`), '{ … }'].join(' ');
  if (labels.length < wanted.length) {
    const detail = `All ${type} blocks must have ${wanted.length} labels (${wanted.join(', ')}).`;
    to.error(typeRange, `Missing ${wanted[labels.length]} for ${type}`, detail, `expected ${shape}`);
  }
  const extra = labels[wanted.length];
  if (extra) {
    const only = wanted.length === 0 ? 'No labels are' : `Only ${wanted.length} labels (${wanted.join(', ')}) are`;
    to.error(extra.range, `Extraneous label for ${type}`, `${only} expected for ${type} blocks.`, `expected ${shape}`);
  }
}

function suggest(name: string, schema: BlockSchema): string {
  const known = [...Object.keys(schema.attributes), ...Object.keys(schema.blocks)];
  return suggestName(name, known, 'argument or block');
}
