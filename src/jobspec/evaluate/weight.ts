/**
 * How large a value is when it is written out. Values share their parts, so forty lines of `b = [a, a]` would make one
 * of a trillion items: what is too heavy is refused before anything walks it.
 */
import { isList, isMap, type Value } from './value.ts';

export const MAX_WEIGHT = 200_000;

const known = new WeakMap<object, number>();

export function weightOf(value: Value): number {
  if (typeof value === 'string') return 1 + value.length / 50;
  if (!isList(value) && !isMap(value)) return 1;
  const cached = known.get(value);
  if (cached !== undefined) return cached;
  let weight = 1;
  for (const each of value.values()) weight += weightOf(each);
  known.set(value, weight);
  return weight;
}
