/** Checks configuration files against the schema and merges them in order: later files win, blocks merge by name. */
import { closest, distance } from 'fastest-levenshtein';
import { parseDuration } from '../lib/duration.ts';
import { type BlockSchema, CONFIG_SCHEMA, type Kind } from './config-schema.ts';

export type RawConfig = { readonly [name: string]: unknown };

/** "agent.hcl:7" for "client.meta": the file, and the line where it is known. */
export type PlaceOf = (path: string) => string;

/** A sentence for every name or value that the schema does not know. */
export function configProblems(raw: RawConfig, placeOf: PlaceOf): string[] {
  return [...blockProblems(raw, CONFIG_SCHEMA, '', placeOf)];
}

/** Deep merge: blocks by name, everything else replaced by the later file. */
export function mergeConfig(first: RawConfig, later: RawConfig): RawConfig {
  const merged: Record<string, unknown> = { ...first };
  for (const [name, value] of Object.entries(later)) {
    const before = merged[name];
    merged[name] = isBlock(before) && isBlock(value) ? mergeConfig(before, value) : value;
  }
  return merged;
}

export const isBlock = (value: unknown): value is RawConfig =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function* blockProblems(raw: RawConfig, schema: BlockSchema, path: string, placeOf: PlaceOf): Generator<string> {
  for (const [name, value] of Object.entries(raw)) {
    const expected = Object.hasOwn(schema, name) ? schema[name] : undefined;
    const where = path + name;
    if (expected === undefined) yield unknownName(name, where, schema, path, placeOf);
    else if (typeof expected === 'string') yield* valueProblems(value, expected, where, placeOf);
    else if (!isBlock(value)) yield `${placeOf(where)}: "${where}" must be a block`;
    else if (isLabelled(expected)) yield* labelledProblems(value, expected.labelled, where, placeOf);
    else yield* blockProblems(value, expected, `${where}.`, placeOf);
  }
}

function* labelledProblems(raw: RawConfig, schema: BlockSchema, where: string, placeOf: PlaceOf): Generator<string> {
  for (const [label, block] of Object.entries(raw)) {
    if (isBlock(block)) yield* blockProblems(block, schema, `${where}.${label}.`, placeOf);
    else
      yield `${placeOf(where)}: "${where}" needs a label and a block, as in: ${where} "raw_exec" { config { enabled = true } }`;
  }
}

function* valueProblems(value: unknown, kind: Kind, where: string, placeOf: PlaceOf): Generator<string> {
  if (kind === 'ignored' || IS_OF_KIND[kind](value)) return;
  yield `${placeOf(where)}: "${where}" must be ${KIND_WORDS[kind]}, not ${JSON.stringify(value)}`;
}

function unknownName(name: string, where: string, schema: BlockSchema, path: string, placeOf: PlaceOf): string {
  const names = Object.keys(schema);
  const near = closest(name, names);
  const hint = distance(name, near) <= 3 ? ` Did you mean "${path}${near}"?` : '';
  return `${placeOf(where)}: no such name: "${where}".${hint} Known here: ${names.join(', ')}`;
}

const isLabelled = (
  schema: BlockSchema | { readonly labelled: BlockSchema },
): schema is { readonly labelled: BlockSchema } => isBlock(schema.labelled) && Object.keys(schema).length === 1;

const IS_OF_KIND: Readonly<Record<Exclude<Kind, 'ignored'>, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  duration: (value) => typeof value === 'string' && parseDuration(value) !== undefined,
  list: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  block: isBlock,
  map: (value) => isBlock(value) && Object.values(value).every((each) => typeof each !== 'object'),
};

const KIND_WORDS: Readonly<Record<Exclude<Kind, 'ignored'>, string>> = {
  string: 'text',
  number: 'a number',
  bool: 'true or false',
  duration: 'a duration like "30s"',
  list: 'a list of texts',
  block: 'a block',
  map: 'a block of names and plain values',
};
