/**
 * What the state asks of a store: load everything once, and append transactions durably, all or nothing. Every
 * implementation passes the suite in contract.ts.
 */
import type { Row } from '../rows.ts';
import type { Change, CommittedTransaction, Table } from '../types.ts';

export interface StoredRow {
  readonly table: Table;
  readonly key: string;
  readonly row: Row;
}

export interface StoredState {
  /** The index of the last transaction; 0: nothing was ever written. */
  readonly index: number;
  /** The index of the last change of each table, deletions included. */
  readonly tableIndex: ReadonlyMap<Table, number>;
  /** Every row once, decoded for the caller to keep: the tables in LOAD_ORDER, each in the order of creation. */
  readonly rows: AsyncIterable<readonly StoredRow[]>;
}

export interface Storage {
  load(): Promise<StoredState>;
  /**
   * Resolves when all of them are durable: whatever happens to the process or the machine afterwards, a load answers
   * them. Rejects when that is not known; a load then says whether they are there, all or none. One call at a time.
   */
  append(transactions: readonly CommittedTransaction[]): Promise<void>;
  /** Lets an append under way end, then gives up what it holds (files, locks). */
  close(): Promise<void>;
}

/** The last index at which each table changes by these transactions. */
export function tablesTouched(transactions: readonly CommittedTransaction[]): Map<Table, number> {
  const touched = new Map<Table, number>();
  for (const { index, changes } of transactions) for (const { table } of changes) touched.set(table, index);
  return touched;
}

/** The rows of a change, as stores handle them. */
export const rowBefore = (change: Change): Row | undefined => change.before as Row | undefined;
export const rowAfter = (change: Change): Row | undefined => change.after as Row | undefined;
