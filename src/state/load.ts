/** Reads the store into memory: once at the start, and again when an append has failed and nobody knows how far it got. */
import type { IngressNode } from '../model/ingress.ts';
import { deepFreeze } from './freeze.ts';
import { MemoryTables } from './memory-tables.ts';
import { LOAD_ORDER, type Row, type RowOf, versionKey } from './rows.ts';
import type { Storage, StoredRow } from './storage/storage.ts';
import type { Table } from './types.ts';

export interface Loaded {
  readonly tables: MemoryTables;
  readonly index: number;
  readonly tableIndex: ReadonlyMap<Table, number>;
}

export async function load(storage: Storage, freezeRows: boolean): Promise<Loaded> {
  const stored = await storage.load();
  const byTable = new Map<Table, StoredRow[]>();
  for await (const batch of stored.rows) {
    for (const each of batch) {
      const rows = byTable.get(each.table);
      if (rows) rows.push(each);
      else byTable.set(each.table, [each]);
    }
  }
  const tables = new MemoryTables();
  for (const table of LOAD_ORDER) {
    for (const { key, row } of byTable.get(table) ?? []) {
      const lean = leanRow(tables, table, row as RowOf[Table]);
      tables.set(table, key, freezeRows ? deepFreeze(lean) : lean);
    }
    byTable.delete(table);
  }
  return { tables, index: stored.index, tableIndex: stored.tableIndex };
}

/** A row as memory keeps it: a job shares its version's row, and what an ingress last said is for it to say again. */
function leanRow(tables: MemoryTables, table: Table, row: Row): RowOf[Table] {
  if (table === 'ingresses') return { ...(row as IngressNode), Servers: {} };
  if (table !== 'jobs') return row as RowOf[Table];
  const job = row as RowOf['jobs'];
  return (tables.get('jobVersions', versionKey(job.Namespace, job.ID, job.Version)) as RowOf['jobs']) ?? job;
}
