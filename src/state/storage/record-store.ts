/**
 * A storage on top of any key-value store whose transactions are small, as etcd's are: at most 128 operations and
 * 1.5 MB each. An append is one record; a large one is cut into pieces, which count only once a commit record that
 * names them is there. A load replays the records in order.
 */
import { Packr } from 'msgpackr';
import { SerinError } from '../../lib/errors.ts';
import { LOAD_ORDER, type Row } from '../rows.ts';
import type { CommittedTransaction, Table } from '../types.ts';
import { rowAfter, type Storage, type StoredRow, type StoredState } from './storage.ts';

export const MAX_OPERATIONS = 128;
export const MAX_TRANSACTION_BYTES = 1_500_000;
/** Leaves room for keys and envelope within a transaction's limit. */
const PIECE_BYTES = MAX_TRANSACTION_BYTES - 10_000;
const LOAD_BATCH = 1_000;

export type Operation = { readonly put: string; readonly value: Uint8Array } | { readonly remove: string };

/** What is needed of the key-value store. A transaction is atomic and durable once it resolves. */
export interface RecordStore {
  transact(operations: readonly Operation[]): Promise<void>;
  /** All records whose key starts so, in the order of their keys. */
  range(prefix: string): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]>;
  close(): Promise<void>;
}

interface Write {
  readonly table: Table;
  readonly key: string;
  readonly row: Row | null;
}

interface LoggedTransaction {
  readonly index: number;
  readonly writes: readonly Write[];
}

/** A commit record holds its transactions itself, or names the pieces that do. */
type Commit = { readonly body: Uint8Array } | { readonly pieces: readonly string[] };

const COMMITS = 'commit/';
const PIECES = 'piece/';

const packr = new Packr({ useRecords: false });

export class RecordStorage implements Storage {
  readonly #store: RecordStore;
  readonly #pieceBytes: number;
  #sequence = 0;

  constructor(store: RecordStore, pieceBytes = PIECE_BYTES) {
    this.#store = store;
    this.#pieceBytes = pieceBytes;
  }

  async load(): Promise<StoredState> {
    const commits = await this.#store.range(COMMITS);
    const pieces = new Map((await this.#store.range(PIECES)).map(({ key, value }) => [key, value]));
    this.#sequence = Math.max(0, ...[...commits.map(({ key }) => key), ...pieces.keys()].map(sequenceOf));
    const named = new Set<string>();
    const rows = new Map<string, StoredRow>();
    const tableIndex = new Map<Table, number>();
    let index = 0;
    for (const { value } of commits) {
      const commit = packr.unpack(value) as Commit;
      if ('pieces' in commit) for (const key of commit.pieces) named.add(key);
      for (const transaction of transactionsOf(commit, pieces)) {
        index = transaction.index;
        for (const write of transaction.writes) {
          tableIndex.set(write.table, index);
          replay(rows, write);
        }
      }
    }
    // Only tidying: they count for nothing, and a store that cannot be written can still be read.
    await this.#clear([...pieces.keys()].filter((key) => !named.has(key))).catch(() => undefined);
    return { index, tableIndex, rows: inBatches([...rows.values()].sort(inLoadOrder)) };
  }

  async append(transactions: readonly CommittedTransaction[]): Promise<void> {
    if (transactions.length === 0) return;
    const body = packr.pack(transactions.map(logged));
    const sequence = ++this.#sequence;
    if (body.length <= this.#pieceBytes) {
      await this.#put(commitKey(sequence), packr.pack({ body } satisfies Commit));
      return;
    }
    const pieces = cut(body, this.#pieceBytes).map((piece, at) => ({ key: pieceKey(sequence, at), piece }));
    for (const { key, piece } of pieces) await this.#put(key, piece);
    await this.#put(commitKey(sequence), packr.pack({ pieces: pieces.map(({ key }) => key) } satisfies Commit));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** Pieces of an append that never got its commit record. */
  async #clear(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += MAX_OPERATIONS) {
      await this.#store.transact(keys.slice(at, at + MAX_OPERATIONS).map((key) => ({ remove: key })));
    }
  }

  #put(key: string, value: Uint8Array): Promise<void> {
    return this.#store.transact([{ put: key, value }]);
  }
}

const padded = (sequence: number): string => String(sequence).padStart(12, '0');
const commitKey = (sequence: number): string => `${COMMITS}${padded(sequence)}`;
const pieceKey = (sequence: number, at: number): string => `${PIECES}${padded(sequence)}/${padded(at)}`;
const sequenceOf = (key: string): number => Number(key.split('/')[1]);

function logged({ index, changes }: CommittedTransaction): LoggedTransaction {
  return {
    index,
    writes: changes.map((change) => ({ table: change.table, key: change.key, row: rowAfter(change) ?? null })),
  };
}

function cut(body: Uint8Array, pieceBytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += pieceBytes) pieces.push(body.subarray(at, at + pieceBytes));
  return pieces;
}

function transactionsOf(commit: Commit, pieces: ReadonlyMap<string, Uint8Array>): readonly LoggedTransaction[] {
  if ('body' in commit) return packr.unpack(commit.body) as LoggedTransaction[];
  return packr.unpack(
    Buffer.concat(commit.pieces.map((key) => pieces.get(key) ?? missing(key))),
  ) as LoggedTransaction[];
}

function missing(key: string): never {
  throw new SerinError('storage', `the store is damaged: record ${key} is named by a commit and is not there`);
}

function replay(rows: Map<string, StoredRow>, { table, key, row }: Write): void {
  if (row) rows.set(`${table} ${key}`, { table, key, row });
  else rows.delete(`${table} ${key}`);
}

function inLoadOrder(a: StoredRow, b: StoredRow): number {
  const byTable = LOAD_ORDER.indexOf(a.table) - LOAD_ORDER.indexOf(b.table);
  return byTable || a.row.CreateIndex - b.row.CreateIndex || (a.key < b.key ? -1 : 1);
}

async function* inBatches(rows: readonly StoredRow[]): AsyncGenerator<readonly StoredRow[]> {
  for (let at = 0; at < rows.length; at += LOAD_BATCH) yield rows.slice(at, at + LOAD_BATCH);
}
