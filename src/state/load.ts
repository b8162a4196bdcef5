/** Reads the store into memory: once at the start, and again when an append has failed and nobody knows how far it got. */
import { deepFreeze } from './freeze.ts';
import { Interner } from './intern.ts';
import { MemoryTables } from './memory-tables.ts';
import type { Row, RowOf } from './rows.ts';
import type { Storage } from './storage/storage.ts';
import type { Table } from './types.ts';

export interface Loaded {
  readonly tables: MemoryTables;
  readonly index: number;
  readonly tableIndex: ReadonlyMap<Table, number>;
}

export async function load(storage: Storage, freezeRows: boolean): Promise<Loaded> {
  const stored = await storage.load();
  const tables = new MemoryTables();
  const interner = new Interner();
  for await (const batch of stored.rows) {
    for (const { table, key, row } of batch) {
      const lean = leanRow(tables, interner, table, row);
      tables.set(table, key, freezeRows ? deepFreeze(lean) : lean);
    }
  }
  return { tables, index: stored.index, tableIndex: stored.tableIndex };
}

/** A row as memory keeps it: a job shares its version's row, and what an ingress last said is for it to say again. */
function leanRow(tables: MemoryTables, interner: Interner, table: Table, row: Row): RowOf[Table] {
  switch (table) {
    case 'allocs':
      return interner.shareIn(row as RowOf['allocs']);
    case 'ingresses':
      return { ...(row as RowOf['ingresses']), Servers: {} };
    case 'jobs':
      return versionOf(tables, row as RowOf['jobs']);
    default:
      return row as RowOf[Table];
  }
}

function versionOf(tables: MemoryTables, job: RowOf['jobs']): RowOf['jobs'] {
  return tables.jobVersion(job.Namespace, job.ID, job.Version) ?? job;
}
