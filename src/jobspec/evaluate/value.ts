/**
 * The values of the language. Maps are `Map`s (keys are any text, `__proto__` too); lists, tuples and sets are arrays.
 * `undefined` never is a value: a function that returns it has reported why.
 */

export type Value = null | boolean | number | string | readonly Value[] | ValueMap;
export type ValueMap = ReadonlyMap<string, Value>;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const isMap = (value: unknown): value is ValueMap => value instanceof Map;
export const isList = (value: unknown): value is readonly Value[] => Array.isArray(value);

/** The word for a value's type in messages. */
export function typeName(value: Value): string {
  if (value === null) return 'null';
  if (isList(value)) return 'list';
  if (isMap(value)) return 'map';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

export function toJson(value: Value): Json {
  if (isList(value)) return value.map(toJson);
  if (isMap(value)) return Object.fromEntries([...value].map(([key, each]) => [key, toJson(each)]));
  return value;
}

export function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object' && json !== null) {
    return new Map(Object.entries(json).map(([key, each]) => [key, fromJson(each)]));
  }
  return typeof json === 'boolean' || typeof json === 'number' || typeof json === 'string' ? json : null;
}

export function isEqual(a: Value, b: Value): boolean {
  if (isList(a)) return isList(b) && a.length === b.length && a.every((each, at) => isEqual(each, b[at]!));
  if (isMap(a)) {
    return isMap(b) && a.size === b.size && [...a].every(([key, each]) => b.has(key) && isEqual(each, b.get(key)!));
  }
  return a === b;
}

/** Keys in the order in which the language walks a map: by code point. */
export const sortedKeys = (map: ValueMap): string[] => [...map.keys()].sort(compareText);

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The text of a number as the language prints it: never with an exponent below 1e21. */
export function numberText(value: number): string {
  const text = String(value);
  if (!text.includes('e-')) return text;
  return value.toFixed(20).replace(/0+$/, '');
}
