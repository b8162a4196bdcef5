/** The conversions that the language makes by itself: text and numbers and bools into each other. */
import { isList, isMap, numberText, type Value } from './value.ts';

/** undefined: there is no such conversion. */
export function asText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'boolean' ? String(value) : undefined;
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

export function asNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : undefined;
}

export function asBool(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === '1') return true;
  return value === 'false' || value === '0' ? false : undefined;
}

export function asList(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value;
  return isMap(value) ? [...value.values()] : undefined;
}
