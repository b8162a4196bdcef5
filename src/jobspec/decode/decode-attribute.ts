/** One value of the language → what the wire wants of an attribute's type, or a diagnostic. */
import { assertNever } from '../../lib/assert.ts';
import { parseDuration } from '../../lib/duration.ts';
import { parseAmount } from '../../model/surge.ts';
import type { Diagnostics } from '../diagnostic.ts';
import { asBool, asNumber, asText } from '../evaluate/convert.ts';
import { isList, isMap, type Json, toJson, typeName, type Value } from '../evaluate/value.ts';
import type { Attribute } from '../syntax/ast.ts';
import { type AttributeType, AttributeTypes } from './schema.ts';

export function decodeAttribute(
  value: Value,
  type: AttributeType,
  attribute: Attribute,
  diagnostics: Diagnostics,
): Json | undefined {
  if (value === null) return null;
  const decoded = convert(value, type);
  if (decoded === undefined) reportWrongType(value, type, attribute, diagnostics);
  return decoded;
}

/** undefined: no such conversion. */
function convert(value: Value, type: AttributeType): Json | undefined {
  switch (type) {
    case 'string':
      return asText(value);
    case 'number':
      return asNumber(value);
    case 'integer':
      return asInteger(value);
    case 'amount':
      return parseAmount(value);
    case 'bool':
      return asBool(value);
    case 'duration':
      return typeof value === 'string' ? parseDuration(value) : undefined;
    case 'strings':
      return asTexts(value);
    case 'stringMap':
      return asMapOf(value, asText);
    case 'stringLists':
      return asMapOf(value, (each) => asTexts(isList(each) ? each : [each]));
    case 'any':
      return toJson(value);
    default:
      return assertNever(type);
  }
}

function asInteger(value: Value): number | undefined {
  const number = asNumber(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function asTexts(value: Value): string[] | undefined {
  if (!isList(value)) return undefined;
  const texts = value.map(asText);
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

function asMapOf(value: Value, read: (each: Value) => Json | undefined): Json | undefined {
  if (!isMap(value)) return undefined;
  const entries = [...value].map(([key, each]) => [key, read(each)] as const);
  return entries.every((entry): entry is [string, Json] => entry[1] !== undefined)
    ? Object.fromEntries(entries)
    : undefined;
}

function reportWrongType(
  value: Value,
  type: AttributeType,
  { name, value: { range } }: Attribute,
  diagnostics: Diagnostics,
): void {
  const wanted = AttributeTypes[type];
  const detail = `Inappropriate value for attribute "${name}": ${wanted} is required.`;
  diagnostics.error(range, 'Incorrect attribute value type', detail, `expected ${wanted}, found ${describe(value)}`);
}

function describe(value: Value): string {
  const shown = typeof value === 'object' ? '' : ` ${JSON.stringify(value)}`;
  return `a ${typeName(value)}${shown.length > 40 ? '' : shown}`;
}
