/** The types of variables, `list(object({ name = string }))` and the like, and how a value is made to fit one. */
import type { Diagnostics } from '../diagnostic.ts';
import { suggestName } from '../suggest.ts';
import type { Expression } from '../syntax/ast.ts';
import { asBool, asNumber, asText } from './convert.ts';
import { compareText, isEqual, isList, isMap, typeName, type Value } from './value.ts';

export type TypeConstraint =
  | { readonly kind: 'any' | 'string' | 'number' | 'bool' }
  | { readonly kind: 'list' | 'set' | 'map'; readonly of: TypeConstraint }
  | { readonly kind: 'tuple'; readonly items: readonly TypeConstraint[] }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, { type: TypeConstraint; optional: boolean }> };

export const ANY_TYPE: TypeConstraint = { kind: 'any' };

const PRIMITIVES = ['any', 'string', 'number', 'bool'] as const;
const COLLECTIONS = ['list', 'set', 'map'] as const;
const ALL = [...PRIMITIVES, ...COLLECTIONS, 'tuple', 'object'];

export function readType(expression: Expression, diagnostics: Diagnostics): TypeConstraint {
  const name = expression.kind === 'variable' || expression.kind === 'call' ? expression.name : quotedName(expression);
  const primitive = PRIMITIVES.find((each) => each === name);
  const collection = COLLECTIONS.find((each) => each === name);
  if (primitive && expression.kind !== 'call') return { kind: primitive };
  if (collection && expression.kind !== 'call') return { kind: collection, of: ANY_TYPE };
  const inner = expression.kind === 'call' && expression.args.length === 1 ? expression.args[0] : undefined;
  if (collection && inner) return { kind: collection, of: readType(inner, diagnostics) };
  if (name === 'tuple' && inner?.kind === 'tuple') {
    return { kind: 'tuple', items: inner.items.map((each) => readType(each, diagnostics)) };
  }
  if (name === 'object' && inner?.kind === 'object') return objectType(inner.items, diagnostics);
  if (expression.kind === 'unreadable') return ANY_TYPE;
  const detail = 'A type is string, number, bool, any, list(T), set(T), map(T), tuple([T, …]) or object({ name = T }).';
  const hint = name && !ALL.includes(name) ? suggestName(name, ALL, 'type') : '';
  diagnostics.error(expression.range, 'Invalid type specification', detail, hint);
  return ANY_TYPE;
}

/** The old spelling: `type = "string"`. */
function quotedName(expression: Expression): string | undefined {
  const part = expression.kind === 'template' && expression.parts.length === 1 ? expression.parts[0] : undefined;
  return part?.kind === 'text' ? part.text : undefined;
}

function objectType(
  items: readonly { key: Expression; value: Expression }[],
  diagnostics: Diagnostics,
): TypeConstraint {
  const fields = items.map(({ key, value }) => {
    const name = key.kind === 'literal' ? String(key.value) : (quotedName(key) ?? '');
    const optional = value.kind === 'call' && value.name === 'optional';
    const inner = optional ? value.args[0] : value;
    return [name, { type: inner ? readType(inner, diagnostics) : ANY_TYPE, optional }] as const;
  });
  return { kind: 'object', fields: new Map(fields) };
}

export type Fitted = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: string };

/** The value as the type wants it, or where it does not fit: "[0].port: a number is required, not a bool". */
export function fitType(value: Value, type: TypeConstraint, path = ''): Fitted {
  if (value === null) return { ok: true, value };
  switch (type.kind) {
    case 'any':
      return { ok: true, value };
    case 'string':
      return primitive(value, asText(value), 'string', path);
    case 'number':
      return primitive(value, asNumber(value), 'number', path);
    case 'bool':
      return primitive(value, asBool(value), 'bool', path);
    case 'list':
      return isList(value) ? fitItems(value, () => type.of, path) : misfit(value, 'list', path);
    case 'set':
      return isList(value) ? fitSet(value, type.of, path) : misfit(value, 'set', path);
    case 'map':
      return isMap(value) ? fitEntries(value, () => type.of, path) : misfit(value, 'map', path);
    case 'tuple':
      if (!isList(value)) return misfit(value, 'tuple', path);
      if (value.length !== type.items.length) {
        return { ok: false, problem: `${at(path)}${type.items.length} items are required, not ${value.length}` };
      }
      return fitItems(value, (index) => type.items[index]!, path);
    case 'object':
      return isMap(value) ? fitObject(value, type.fields, path) : misfit(value, 'object', path);
  }
}

export function describeType(type: TypeConstraint): string {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
      return `${type.kind}(${describeType(type.of)})`;
    case 'tuple':
      return `tuple([${type.items.map(describeType).join(', ')}])`;
    case 'object': {
      const fields = [...type.fields].map(([name, each]) => `${name} = ${describeType(each.type)}`);
      return `object({ ${fields.join(', ')} })`;
    }
    default:
      return type.kind;
  }
}

export function uniqueSorted(values: readonly Value[]): Value[] {
  const unique = values.filter((value, index) => values.findIndex((each) => isEqual(each, value)) === index);
  return unique.every((each) => typeof each === 'string') ? (unique as string[]).sort(compareText) : unique;
}

function primitive(value: Value, converted: Value | undefined, wanted: string, path: string): Fitted {
  return converted === undefined ? misfit(value, wanted, path) : { ok: true, value: converted };
}

function misfit(value: Value, wanted: string, path: string): Fitted {
  return { ok: false, problem: `${at(path)}a ${wanted} is required, not a ${typeName(value)}` };
}

function fitItems(values: readonly Value[], typeOf: (index: number) => TypeConstraint, path: string): Fitted {
  const items: Value[] = [];
  for (const [index, value] of values.entries()) {
    const fitted = fitType(value, typeOf(index), `${path}[${index}]`);
    if (!fitted.ok) return fitted;
    items.push(fitted.value);
  }
  return { ok: true, value: items };
}

function fitSet(values: readonly Value[], type: TypeConstraint, path: string): Fitted {
  const fitted = fitItems(values, () => type, path);
  return fitted.ok ? { ok: true, value: uniqueSorted(fitted.value as readonly Value[]) } : fitted;
}

function fitEntries(values: ReadonlyMap<string, Value>, typeOf: (key: string) => TypeConstraint, path: string): Fitted {
  const entries = new Map<string, Value>();
  for (const [key, value] of values) {
    const fitted = fitType(value, typeOf(key), `${path}.${key}`);
    if (!fitted.ok) return fitted;
    entries.set(key, fitted.value);
  }
  return { ok: true, value: entries };
}

function fitObject(
  value: ReadonlyMap<string, Value>,
  fields: ReadonlyMap<string, { type: TypeConstraint; optional: boolean }>,
  path: string,
): Fitted {
  const missing = [...fields].filter(([name, { optional }]) => !optional && !value.has(name)).map(([name]) => name);
  if (missing.length > 0) return { ok: false, problem: `${at(path)}the attribute "${missing[0]}" is required` };
  const wanted = [...fields.keys()].map((name) => [name, value.get(name) ?? null] as const);
  return fitEntries(new Map(wanted), (key) => fields.get(key)!.type, path);
}

const at = (path: string): string => (path === '' ? '' : `${path}: `);
