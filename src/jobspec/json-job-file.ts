/**
 * Job files in JSON: the API's own (`{"Job": {…}}`, what `job run -output` prints), taken as it is, and HCL's JSON
 * spelling (`{"job": {"web": {"group": …}}}`), read by the same table as the other spelling.
 */
import type { JobRequest } from '../model/job.ts';
import { type BlockSchema, block, list } from './decode/schema.ts';
import type { Diagnostics } from './diagnostic.ts';
import type { Source, SourceRange } from './source.ts';
import type { Attribute, Block, Body, Expression, Label, ObjectLiteral } from './syntax/ast.ts';
import { parseJsonValue } from './syntax/parse-body.ts';

export type JsonJobFile = { readonly kind: 'job'; readonly job: JobRequest } | { readonly kind: 'hcl' };

export function parseJsonJob(source: Source, diagnostics: Diagnostics): JsonJobFile | undefined {
  const json = readJson(source, diagnostics);
  if (json === undefined) return undefined;
  if (isObject(json.Job)) return { kind: 'job', job: json.Job };
  if ('ID' in json && 'TaskGroups' in json) return { kind: 'job', job: json };
  return { kind: 'hcl' };
}

const DEFINING = {
  variable: list('', block({ labels: ['name'] })),
  variables: list('', block({})),
  locals: list('', block({})),
};

/** The JSON spelling as a body, as far as the table says what is a block; everything else is an attribute. */
export function bodyOfJson(source: Source, schema: BlockSchema, diagnostics: Diagnostics): Body | undefined {
  const object = parseJsonValue(source, diagnostics);
  return object?.kind === 'object'
    ? bodyOf(object, { ...schema, blocks: { ...schema.blocks, ...DEFINING } })
    : undefined;
}

function readJson(source: Source, diagnostics: Diagnostics): Record<string, unknown> | undefined {
  try {
    return JSON.parse(source.text) as Record<string, unknown>;
  } catch (error) {
    const message = (error as Error).message;
    const at = Number(/position (\d+)/.exec(message)?.[1] ?? source.text.length);
    diagnostics.error({ source, start: at, end: at }, 'Invalid JSON', `The file is not JSON: ${message}.`);
    return undefined;
  }
}

function bodyOf(object: ObjectLiteral, schema: BlockSchema): Body {
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  for (const { key, value } of object.items) {
    const name = keyText(key);
    const nested = Object.hasOwn(schema.blocks, name) ? schema.blocks[name] : undefined;
    const found = nested && blocksOf(name, key.range, value, nested.schema, nested.schema.labels.length, []);
    if (found) blocks.push(...found);
    else attributes.push({ name, nameRange: key.range, value });
  }
  return { attributes, blocks, missingAt: { ...object.range, end: object.range.start + 1 }, isBroken: false };
}

/** One level of objects for each label, then the block itself or a list of such blocks. */
function blocksOf(
  type: string,
  typeRange: SourceRange,
  value: Expression,
  schema: BlockSchema,
  labelsLeft: number,
  labels: readonly Label[],
): Block[] | undefined {
  if (value.kind === 'tuple') {
    const each = value.items.map((item) => blocksOf(type, typeRange, item, schema, labelsLeft, labels));
    return each.every((found) => found !== undefined) ? each.flat() : undefined;
  }
  if (value.kind !== 'object') return undefined;
  if (labelsLeft === 0) return [{ type, typeRange, labels, body: bodyOf(value, schema) }];
  const inner = value.items.map((item) => {
    const label = { text: keyText(item.key), range: item.key.range };
    return blocksOf(type, typeRange, item.value, schema, labelsLeft - 1, [...labels, label]);
  });
  return inner.every((found) => found !== undefined) ? inner.flat() : undefined;
}

function keyText(key: Expression): string {
  const part = key.kind === 'template' ? key.parts[0] : undefined;
  if (part?.kind === 'text') return part.text;
  return key.kind === 'literal' ? String(key.value) : '';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
