/** One block, read by its row of the table → its object on the wire. Goes on behind every problem it reports. */
import { assertNever } from '../../lib/assert.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import type { Scope } from '../evaluate/scope.ts';
import type { Json } from '../evaluate/value.ts';
import { describeRange } from '../source.ts';
import type { Attribute, Body } from '../syntax/ast.ts';
import { decodeAttribute } from './decode-attribute.ts';
import { type BlockInScope, expandDynamic } from './dynamic-blocks.ts';
import { decodeConfig, decodeMap, decodeWireObject } from './free-form.ts';
import type { BlockSchema, NestedSchema, Wire } from './schema.ts';
import { checkLabels, reportMissing, reportUnknownAttribute, reportUnknownBlock } from './unexpected.ts';

export function decodeBlock({ block, scope }: BlockInScope, schema: BlockSchema): Wire {
  checkLabels(block, schema, scope.diagnostics);
  const label = schema.labelWire === undefined ? {} : { [schema.labelWire]: block.labels[0]?.text ?? '' };
  switch (schema.content) {
    case 'fields':
      return decodeFields(block.body, schema, scope, label);
    case 'stringMap':
    case 'stringLists':
      return decodeMap(block.body, schema.content, scope);
    case 'config':
      return decodeConfig(block.body, scope);
    case 'wire':
      return decodeWireObject(block.body, scope);
    default:
      return assertNever(schema.content);
  }
}

export function decodeFields(body: Body, schema: BlockSchema, scope: Scope, label: Wire = {}): Wire {
  const blocks = expandDynamic(body, scope);
  const wire: Wire = { ...schema.constants, ...label };
  for (const [name, field] of Object.entries(schema.attributes)) {
    const value = decodeField(name, body, scope, schema) ?? field.absent;
    if (value !== undefined) wire[field.wire] = value;
  }
  for (const [name, nested] of Object.entries(schema.blocks)) {
    const value = decodeNested(name, nested, body, blocks, scope) ?? nested.absent;
    if (value !== undefined) wire[nested.wire] = value;
  }
  reportUnexpected(body, blocks, schema, scope);
  return schema.finish(wire);
}

function decodeField(name: string, body: Body, scope: Scope, schema: BlockSchema): Json | undefined {
  const attribute = body.attributes.find((each) => each.name === name);
  const { required, type } = schema.attributes[name]!;
  if (attribute === undefined) {
    if (required) reportMissing(name, 'argument', body, scope.diagnostics);
    return undefined;
  }
  const value = evaluate(attribute.value, scope);
  if (value === undefined) return undefined;
  return decodeAttribute(value, type, attribute, scope.diagnostics) ?? undefined;
}

function decodeNested(
  name: string,
  nested: NestedSchema,
  body: Body,
  blocks: readonly BlockInScope[],
  scope: Scope,
): Json | undefined {
  const found = blocks.filter((each) => each.block.type === name);
  const attribute = body.attributes.find((each) => each.name === name);
  if (attribute && takesAttribute(nested)) return decodeMapAttribute(attribute, nested, scope);
  if (nested.required && found.length === 0) reportMissing(name, 'block', body, scope.diagnostics);
  if (found.length === 0) return undefined;
  switch (nested.as) {
    case 'one':
      reportRepeated(found);
      return decodeBlock(found[0]!, nested.schema);
    case 'list':
      return meant(
        found.map((each) => decodeBlock(each, nested.schema)),
        nested.schema,
      );
    case 'map':
      reportSameLabels(found);
      return Object.fromEntries(
        found.map((each) => [each.block.labels[0]?.text ?? '', decodeBlock(each, nested.schema)]),
      );
    default:
      return assertNever(nested.as);
  }
}

function meant(wires: readonly Wire[], schema: BlockSchema): Json | undefined {
  const kept = wires.filter(schema.isMeant);
  return kept.length === 0 ? undefined : kept;
}

/** `env = { … }` says the same as `env { … }`, and is the only way to write a key that is no name. */
const takesAttribute = (nested: NestedSchema): boolean =>
  nested.schema.content === 'stringMap' ||
  nested.schema.content === 'stringLists' ||
  nested.schema.content === 'config';

function decodeMapAttribute(attribute: Attribute, nested: NestedSchema, scope: Scope): Json | undefined {
  const value = evaluate(attribute.value, scope);
  if (value === undefined) return undefined;
  const { content } = nested.schema;
  const type = content === 'stringMap' || content === 'stringLists' ? content : 'any';
  return decodeAttribute(value, type, attribute, scope.diagnostics);
}

function reportRepeated([first, ...others]: readonly BlockInScope[]): void {
  for (const { block, scope } of others) {
    const where = describeRange(first!.block.typeRange);
    const detail = `Only one ${block.type} block is allowed. Another was defined at ${where}.`;
    scope.diagnostics.error(block.typeRange, `Duplicate ${block.type} block`, detail);
  }
}

function reportSameLabels(blocks: readonly BlockInScope[]): void {
  for (const [at, { block, scope }] of blocks.entries()) {
    const label = block.labels[0];
    const first = blocks.findIndex((each) => each.block.labels[0]?.text === label?.text);
    if (label === undefined || first === at) continue;
    const where = describeRange(blocks[first]!.block.typeRange);
    const detail = `A ${block.type} named "${label.text}" was already defined at ${where}.`;
    scope.diagnostics.error(label.range, `Duplicate ${block.type} name`, detail);
  }
}

function reportUnexpected(body: Body, blocks: readonly BlockInScope[], schema: BlockSchema, scope: Scope): void {
  for (const attribute of body.attributes) {
    const nested = Object.hasOwn(schema.blocks, attribute.name) ? schema.blocks[attribute.name] : undefined;
    if (Object.hasOwn(schema.attributes, attribute.name) || (nested && takesAttribute(nested))) continue;
    reportUnknownAttribute(attribute, schema, scope.diagnostics);
  }
  for (const { block } of blocks) {
    if (!Object.hasOwn(schema.blocks, block.type)) reportUnknownBlock(block, schema, scope.diagnostics);
  }
}
