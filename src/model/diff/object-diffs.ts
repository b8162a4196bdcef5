/** Differences of objects below a job, group or task: single ones, sets of like ones, and sets of words. */
import { deepEqual } from '../deep-equal.ts';
import { type DiffType, DiffTypes, type FieldDiff, type ObjectDiff } from '../plan.ts';
import { fieldDiff, fieldDiffs, flatten, NOTHING, type Shape } from './field-diffs.ts';

type Maybe<T> = T | null | undefined;

/** How one kind of object is shown. */
export interface ObjectKind<T extends object> {
  readonly name: string;
  readonly shape?: Shape<T>;
  /** Whether unchanged fields are shown too. */
  readonly contextual: boolean;
  /** What stands below it. */
  readonly objects?: (before: Maybe<T>, after: Maybe<T>) => ObjectDiff[];
}

/** One object, or nothing where it did not change. */
export function objectDiff<T extends object>(kind: ObjectKind<T>, before: Maybe<T>, after: Maybe<T>): ObjectDiff[] {
  if (deepEqual(before ?? null, after ?? null)) return [];
  const flat = (object: Maybe<T>) => (object ? flatten(object, kind.shape) : NOTHING);
  const fields = fieldDiffs(flat(before), flat(after), kind.contextual);
  return [objectOf(kind.name, presenceType(before, after), fields, kind.objects?.(before, after) ?? [])];
}

/** Objects without a name of their own: one that changed is a new one and a lost one. New ones first. */
export function setDiffs<T extends object>(
  kind: ObjectKind<T>,
  before: Maybe<readonly T[]>,
  after: Maybe<readonly T[]>,
): ObjectDiff[] {
  const added = without(after ?? [], before ?? []);
  const deleted = without(before ?? [], after ?? []);
  return [
    ...added.flatMap((object) => objectDiff(kind, null, object)),
    ...deleted.flatMap((object) => objectDiff(kind, object, null)),
  ];
}

/** Objects that are known by a name, such as services: sorted by what happened to them, then by name. */
export function namedDiffs<T extends object>(
  kind: ObjectKind<T>,
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): ObjectDiff[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const diffs = names.flatMap((name) => objectDiff(kind, before.get(name), after.get(name)));
  return diffs.sort((a, b) => (a.Type < b.Type ? -1 : Number(a.Type > b.Type)));
}

/** By name; a second one of the same name is told apart by its place. */
export function byName<T extends { readonly Name: string }>(objects: Maybe<readonly T[]>): Map<string, T> {
  const map = new Map<string, T>();
  for (const object of objects ?? []) {
    const isTaken = map.has(object.Name);
    map.set(isTaken ? `${object.Name} ${map.size}` : object.Name, object);
  }
  return map;
}

/** A set of words: what came, what went, and for context what stayed. */
export function wordsDiff(
  name: string,
  before: Maybe<readonly string[]>,
  after: Maybe<readonly string[]>,
  keepUnchanged = false,
): ObjectDiff[] {
  const [old, now] = [new Set(before ?? []), new Set(after ?? [])];
  const added = [...now].filter((word) => !old.has(word)).sort();
  const deleted = [...old].filter((word) => !now.has(word)).sort();
  const kept = [...now].filter((word) => old.has(word)).sort();
  const fields = [
    ...added.map((word) => fieldDiff(name, '', word)),
    ...deleted.map((word) => fieldDiff(name, word, '')),
    ...kept.map((word) => fieldDiff(name, word, word)),
  ];
  const isChanged = added.length + deleted.length > 0;
  if (fields.length === 0 || (!isChanged && !keepUnchanged)) return [];
  return [objectOf(name, wordsType(added.length, deleted.length), fields, [])];
}

export function objectOf(name: string, type: DiffType, fields: FieldDiff[], objects: ObjectDiff[]): ObjectDiff {
  return { Type: type, Name: name, Fields: orNull(fields), Objects: orNull(objects) };
}

export function presenceType(before: unknown, after: unknown): DiffType {
  if (before === null || before === undefined) return DiffTypes.added;
  return after === null || after === undefined ? DiffTypes.deleted : DiffTypes.edited;
}

/** Empty lists are null on the wire. */
export const orNull = <T>(items: T[]): T[] | null => (items.length > 0 ? items : null);

function wordsType(added: number, deleted: number): DiffType {
  if (added > 0 && deleted > 0) return DiffTypes.edited;
  if (added > 0) return DiffTypes.added;
  return deleted > 0 ? DiffTypes.deleted : DiffTypes.none;
}

function without<T>(items: readonly T[], others: readonly T[]): T[] {
  const left = [...others];
  return items.filter((item) => {
    const at = left.findIndex((other) => deepEqual(item, other));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
