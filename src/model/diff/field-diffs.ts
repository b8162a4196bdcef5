/** Differences of flat values: an object's own fields as text, by name. "" stands for absent, as on the wire. */
import { type DiffType, DiffTypes, type FieldDiff } from '../plan.ts';

export type Flat = ReadonlyMap<string, string>;

export const NOTHING: Flat = new Map();

/** Sorted by name; unchanged fields are kept only where they give context. */
export function fieldDiffs(before: Flat, after: Flat, contextual: boolean): FieldDiff[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const diffs = names.map((name) => fieldDiff(name, before.get(name) ?? '', after.get(name) ?? ''));
  return contextual ? diffs : diffs.filter((diff) => diff.Type !== DiffTypes.none);
}

export function fieldDiff(name: string, before: string, after: string): FieldDiff {
  return { Type: typeOf(before, after), Name: name, Old: before, New: after, Annotations: null };
}

/** The fields of an object that are no objects themselves; maps of text become "Meta[key]" where they are named. */
export function flatten<T extends object>(object: T | null | undefined, shape: Shape<T> = {}): Flat {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(object ?? {})) {
    if ((shape.without as readonly string[] | undefined)?.includes(key)) continue;
    if ((shape.maps as readonly string[] | undefined)?.includes(key)) addMap(flat, key, value);
    else if (isPrimitive(value)) flat.set(key, String(value));
  }
  return flat;
}

export interface Shape<T> {
  readonly without?: readonly (keyof T)[];
  readonly maps?: readonly (keyof T)[];
}

/** Everything below an object, however deep: "args[0]", "labels[0][k]". */
export function flattenDeep(object: Readonly<Record<string, unknown>> | null | undefined): Flat {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(object ?? {})) addDeep(flat, key, value);
  return flat;
}

function addDeep(flat: Map<string, string>, name: string, value: unknown): void {
  if (isPrimitive(value)) flat.set(name, String(value));
  else if (value === null || value === undefined) flat.set(name, '');
  else for (const [key, item] of Object.entries(value)) addDeep(flat, `${name}[${key}]`, item);
}

function addMap(flat: Map<string, string>, name: string, map: unknown): void {
  for (const [key, value] of Object.entries(map ?? {})) flat.set(`${name}[${key}]`, String(value));
}

function typeOf(before: string, after: string): DiffType {
  if (before === after) return DiffTypes.none;
  if (before === '') return DiffTypes.added;
  return after === '' ? DiffTypes.deleted : DiffTypes.edited;
}

const isPrimitive = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
