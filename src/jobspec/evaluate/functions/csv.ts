/** csvdecode: the first row names the columns, each other row is a map. */
import { fail } from '../arguments.ts';
import type { Value } from '../value.ts';

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

export function readCsv(text: string, spend: (amount: number) => void): Value[] {
  const [header, ...rows] = readRows(text);
  if (!header) return fail(0, 'the first line must name the columns');
  spend(rows.length * header.length);
  return rows.map((row) => {
    if (row.length !== header.length) return fail(0, `a row has ${row.length} columns, not ${header.length}`);
    return new Map(header.map((name, at) => [name, row[at]!]));
  });
}

function readRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const match = FIELD.exec(text);
    if (!match) return fail(0, 'a quote stands where none may stand, or is never closed');
    row.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === ',' && FIELD.lastIndex < text.length) continue;
    if (match[3] === ',') row.push('');
    rows.push(row);
    row = [];
  }
  return rows;
}
