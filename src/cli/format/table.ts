/** Columns and key-value lists, as every command prints them: two spaces between columns, nothing behind the last one. */

export type Row = readonly string[];

/** The first row is the heading. An empty cell reads "<none>" unless `empty` says otherwise. */
export function formatList(rows: readonly Row[], empty = '<none>'): string {
  const filled = rows.map((row) => row.map((cell) => (cell === '' ? empty : cell)));
  const widths = columnWidths(filled);
  return filled.map((row) => row.map((cell, at) => padCell(cell, at, row, widths)).join('  ')).join('\n');
}

/** "ID          = web": the keys padded to the longest. */
export function formatKeyValues(pairs: readonly (readonly [key: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([key]) => displayWidth(key)));
  return pairs.map(([key, value]) => `${padded(key, width)} = ${value === '' ? '<none>' : value}`).join('\n');
}

function columnWidths(rows: readonly Row[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => displayWidth(row[at] ?? ''))));
}

const padCell = (cell: string, at: number, row: Row, widths: readonly number[]): string =>
  at === row.length - 1 ? cell : padded(cell, widths[at]!);

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - displayWidth(text)));

/** Characters that a terminal shows: colours count for nothing. */
const displayWidth = (text: string): number => [...text.replace(/\x1b\[[0-9;]*m/g, '')].length;
