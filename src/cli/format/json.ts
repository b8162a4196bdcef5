/** JSON as the commands print it: four spaces, keys in order, and every digit of a number that JavaScript would round. */

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;
const MARK = '\u0001';

/** Of the text of an answer. */
export function formatJsonText(text: string): string {
  const marked = text.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"${MARK}${token}"`));
  return unmark(JSON.stringify(sortKeys(JSON.parse(marked)), null, 4));
}

/** Of a value of ours, keys in the order in which they stand. */
export const formatJson = (value: unknown): string => JSON.stringify(value, null, 4);

/** One element of a list or one field, still with every digit. */
export function pickJsonText(text: string, pick: (value: unknown) => unknown): string {
  const marked = text.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"${MARK}${token}"`));
  return unmark(JSON.stringify(pick(JSON.parse(marked))));
}

const unmark = (text: string): string => text.replaceAll(/"\\u0001(-?\d+)"/g, '$1');

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
