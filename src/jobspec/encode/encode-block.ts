/** One object of the wire, written by its row of the table: what `decode-block.ts` reads, the other way round. */
import { assertNever } from '../../lib/assert.ts';
import { formatDuration } from '../../lib/duration.ts';
import { deepEqual } from '../../model/deep-equal.ts';
import type { AttributeSchema, BlockSchema, NestedSchema, Wire } from '../decode/schema.ts';
import type { Json } from '../evaluate/value.ts';
import { indent, isName, literal, quotedLabel, quotedText } from './literals.ts';

/** The lines of `job "web" { … }`. */
export function encodeBlock(type: string, wire: Wire, schema: BlockSchema, depth: number, key?: string): string[] {
  const fields = schema.unfinish(wire);
  const label = schema.labelWire === undefined ? [] : [String(fields[schema.labelWire] ?? key ?? '')];
  const head = [type, ...label.map(quotedLabel)].join(' ');
  const body = bodyOf(fields, schema, depth + 1);
  if (body.length === 0) return [`${indent(depth)}${head} {}`];
  return [`${indent(depth)}${head} {`, ...body, `${indent(depth)}}`];
}

function bodyOf(wire: Wire, schema: BlockSchema, depth: number): string[] {
  switch (schema.content) {
    case 'fields':
      return fieldLines(wire, schema, depth);
    case 'stringMap':
    case 'stringLists':
    case 'config':
    case 'wire':
      return attributeLines(freeEntries(wire, schema), depth);
    default:
      return assertNever(schema.content);
  }
}

type Entry = readonly [name: string, text: string];

function fieldLines(wire: Wire, schema: BlockSchema, depth: number): string[] {
  const attributes = Object.entries(schema.attributes).flatMap(([name, row]): Entry[] => {
    const text = attributeText(wire[row.wire], row, depth);
    return text === undefined ? [] : [[name, text]];
  });
  const blocks = inReadingOrder(schema).map(([name, row]) => nestedLines(name, wire[row.wire], row, depth));
  const parts = [attributeLines(attributes, depth), ...blocks].filter((part) => part.length > 0);
  return parts.flatMap((part, at) => (at === 0 ? part : ['', ...part]));
}

/** What is short and of the whole stands before its parts. */
const PARTS = ['group', 'task'];

const inReadingOrder = ({ blocks }: BlockSchema): [string, NestedSchema][] =>
  Object.entries(blocks).sort(([a], [b]) => Number(PARTS.includes(a)) - Number(PARTS.includes(b)));

/** undefined: it says what its absence says. */
function attributeText(value: Json | undefined, row: AttributeSchema, depth: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!row.required && deepEqual(value, row.absent)) return undefined;
  return row.type === 'duration' ? quotedText(durationText(Number(value))) : literal(value, depth);
}

/** "1h", not "1h0m0s". */
const durationText = (nanos: number): string =>
  formatDuration(nanos)
    .replace(/(?<=[hm])0s$/, '')
    .replace(/(?<=h)0m$/, '');

function nestedLines(name: string, value: Json | undefined, row: NestedSchema, depth: number): string[] {
  if (value === undefined || value === null) return [];
  switch (row.as) {
    case 'one':
      return isWritable(value as Wire, row.schema)
        ? encodeBlock(name, value as Wire, row.schema, depth)
        : attributeLines([[name, literal(value, depth)]], depth);
    case 'list':
      return (value as Wire[]).flatMap((each, at) => [
        ...(at === 0 ? [] : ['']),
        ...encodeBlock(name, each, row.schema, depth),
      ]);
    case 'map':
      return Object.entries(value as Record<string, Wire>).flatMap(([key, each]) =>
        encodeBlock(name, each, row.schema, depth, key),
      );
    default:
      return assertNever(row.as);
  }
}

/** A key that is no name can only stand in `env = { … }`. */
const isWritable = (wire: Wire, { content }: BlockSchema): boolean =>
  content === 'fields' || content === 'wire' || Object.keys(wire).every(isName);

/** Keys of a wire object are spelled small in a file: "SidecarService" is `sidecar_service`. */
function freeEntries(wire: Wire, { content }: BlockSchema): Entry[] {
  const nameOf = (key: string): string =>
    content === 'wire' ? key.replace(/[A-Z]/g, (letter, at) => `${at > 0 ? '_' : ''}${letter.toLowerCase()}`) : key;
  return Object.entries(wire).map(([key, value]) => [nameOf(key), literal(value, 0)]);
}

/** With their equals signs below each other, as people format these files. */
function attributeLines(entries: readonly Entry[], depth: number): string[] {
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.flatMap(([name, text]) => `${indent(depth)}${name.padEnd(width)} = ${text}`.split('\n'));
}
