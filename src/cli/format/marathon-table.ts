/**
 * Tables as `dcos marathon` prints them, blank for blank: scripts cut columns out of them. Two spaces behind each column,
 * the last one too; a cell stands in the middle unless its column is on the left.
 */

export interface MarathonColumn {
  readonly name: string;
  readonly left?: true;
}

/** A cell may have several lines. Rows are sorted by their cells, from the left, unless they have an order of their own. */
export function marathonTable(
  columns: readonly MarathonColumn[],
  rows: readonly (readonly string[])[],
  order: 'sorted' | 'given' = 'sorted',
): string {
  const sorted = order === 'given' ? rows : rows.toSorted((a, b) => compareText(a.join('\0'), b.join('\0')));
  const lines = [columns.map(({ name }) => name), ...sorted.flatMap(linesOf)];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map((line) => line.map((cell, at) => `${placed(cell, widths[at]!, columns[at]!)}  `).join(''))
    .join('\n');
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function linesOf(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split('\n'));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) => cells.map((cell) => cell[at] ?? ''));
}

/** What cannot be halved goes to the right of an odd text and to the left of an even one. */
function placed(cell: string, width: number, { left }: MarathonColumn): string {
  const excess = width - cell.length;
  if (left || excess <= 0) return cell.padEnd(width);
  const before = cell.length % 2 === 0 ? Math.ceil(excess / 2) : Math.floor(excess / 2);
  return ' '.repeat(before) + cell + ' '.repeat(excess - before);
}
