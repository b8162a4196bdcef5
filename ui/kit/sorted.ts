/**
 * Rows in the order of a key: pure. What was sorted before is sorted again in a moment, since almost all of it is in its
 * place already; ten thousand names compared anew at each event would keep the page from answering.
 */
export type SortKey<Row> = (row: Row) => string | number;

export interface SortBy<Row> {
  readonly key: SortKey<Row>;
  readonly isDescending: boolean;
  readonly rowKey: (row: Row) => string;
}

export function sortRows<Row>(rows: readonly Row[], by: SortBy<Row>, before: readonly Row[]): readonly Row[] {
  const sign = by.isDescending ? -1 : 1;
  return inOrderOf(before, rows, by.rowKey)
    .map((row) => ({ row, at: by.key(row) }))
    .sort((a, b) => sign * compare(a.at, b.at))
    .map(({ row }) => row);
}

/** Those that were there stand as they did, new ones after them. */
function inOrderOf<Row>(before: readonly Row[], rows: readonly Row[], rowKey: (row: Row) => string): readonly Row[] {
  if (before.length === 0) return rows;
  const now = new Map(rows.map((row) => [rowKey(row), row]));
  if (now.size < rows.length) return rows;
  const kept: Row[] = [];
  for (const old of before) {
    const key = rowKey(old);
    const row = now.get(key);
    if (row === undefined) continue;
    kept.push(row);
    now.delete(key);
  }
  return [...kept, ...now.values()];
}

const collator = new Intl.Collator('en', { numeric: true });

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
