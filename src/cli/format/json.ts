/** JSON as the commands print it: four spaces, keys in order, and every digit of a number that JavaScript would round. */

/** Whole numbers only: what stands behind a point or an exponent is a part of another number. */
const TOKENS = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;
/** Of Unicode's private use: nobody's text has it, and JSON lets it stand. */
const MARK = '\ue000';

/** Of the text of an answer. */
export function formatJsonText(text: string): string {
  return unmark(JSON.stringify(sortKeys(JSON.parse(mark(text))), null, 4));
}

/** Of a value of ours, keys in the order in which they stand. */
export const formatJson = (value: unknown): string => JSON.stringify(value, null, 4);

/** One element of a list or one field, still with every digit. */
export function pickJsonText(text: string, pick: (value: unknown) => unknown): string {
  return unmark(JSON.stringify(pick(JSON.parse(mark(text)))));
}

const mark = (text: string): string =>
  text.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"${MARK}${token}"`));

const unmark = (text: string): string => text.replaceAll(/"\ue000(-?\d+)"/g, '$1');

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
