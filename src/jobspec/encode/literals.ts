/** Values of the wire as HCL writes them. */
import type { Json } from '../evaluate/value.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

/** Text between quotes, for an attribute: what a node fills in stays an interpolation. */
export const quotedText = (text: string): string => `"${escaped(text).replace(SEQUENCES, keepOrDouble)}"`;

/** A label: no sequence may stand in it. */
export const quotedLabel = (text: string): string => `"${escaped(text).replaceAll(/[$%]\{/g, double)}"`;

const escaped = (text: string): string =>
  text.replace(/["\\\u0000-\u001f\u007f]/g, (sign) => ESCAPES[sign] ?? `\\u${hexOf(sign)}`);

const hexOf = (sign: string): string => sign.charCodeAt(0).toString(16).padStart(4, '0');

/** The first form: names that no job file defines, so that the parser leaves them to the node. */
const SEQUENCES = /(?<!\$)\$\{(?:NOMAD_\w+|(?:attr|node|meta|env)\.[A-Za-z0-9_.-]*[A-Za-z0-9_])\}|[$%]\{/g;

const double = (sequence: string): string => sequence[0] + sequence;
const keepOrDouble = (sequence: string): string => (sequence.length > 2 ? sequence : double(sequence));

/** Of any JSON; what does not fit into a line stands on several, indented by `depth` steps. */
export function literal(value: Json, depth: number): string {
  if (typeof value === 'string') return quotedText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const [open, items, close] = Array.isArray(value)
    ? ['[', value.map((each) => literal(each, depth + 1)), ']']
    : ['{', Object.entries(value).map(([key, each]) => `${quotedText(key)} = ${literal(each, depth + 1)}`), '}'];
  if (items.length === 0) return open + close;
  const blank = open === '{' ? ' ' : '';
  const line = `${open}${blank}${items.join(', ')}${blank}${close}`;
  if (line.length <= WIDEST && !line.includes('\n')) return line;
  return [open, ...items.map((item) => `${indent(depth + 1)}${item},`), `${indent(depth)}${close}`].join('\n');
}

const WIDEST = 100;

export const indent = (depth: number): string => '  '.repeat(depth);

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const WORDS = new Set(['for', 'in', 'if', 'true', 'false', 'null']);

/** Whether an attribute can be called so. */
export const isName = (text: string): boolean => NAME.test(text) && !WORDS.has(text);
