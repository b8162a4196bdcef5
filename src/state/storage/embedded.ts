/**
 * The default store: LMDB in one data directory. A commit is on the disk when it resolves: LMDB writes its pages, syncs
 * them, then writes the page that makes them count; `overlappingSync` is off because with it the order is looser and
 * nothing was gained where we measured.
 */
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { type DirectoryLock, lockDirectory } from '../../lib/directory-lock.ts';
import { messageOf, SerinError } from '../../lib/errors.ts';
import { LOAD_ORDER, type Row } from '../rows.ts';
import type { Change, CommittedTransaction, Table } from '../types.ts';
import { checkDataFile } from './lmdb-file.ts';
import { decodeKey, decodeValue, encodeKey, encodeValue } from './row-codec.ts';
import { rowAfter, rowBefore, type Storage, type StoredRow, type StoredState, tablesTouched } from './storage.ts';

/** What this Serin writes, and the newest that it reads. */
const FORMAT = 1;
const FILE = 'state.mdb';
const LOAD_BATCH = 1_000;
const FULL_BELOW_BYTES = 1_000_000;

interface HeadRecord {
  readonly index: number;
  readonly tableIndex: Readonly<Record<string, number>>;
  /** How many rows each table has: a page that is damaged may hide some without a word. */
  readonly rows: Readonly<Record<string, number>>;
}

const NOTHING: HeadRecord = { index: 0, tableIndex: {}, rows: {} };

type Bytes = Database<Buffer, Buffer>;

/** Without a value: remove. */
interface Write {
  readonly database: Bytes;
  readonly key: Buffer;
  readonly value?: Buffer;
}

const HEAD_KEY = Buffer.from('head');
const FORMAT_KEY = Buffer.from('format');

/** Opens or creates the store in `directory`; every way in which that can fail is one sentence. */
export async function openEmbeddedStorage(directory: string): Promise<Storage> {
  await makeDirectory(directory);
  const lock = await lockDirectory(directory);
  try {
    await checkDataFile(join(directory, FILE));
    const root = openDatabase(directory);
    checkFormat(root, directory);
    return new EmbeddedStorage(directory, root, lock);
  } catch (error) {
    await lock.release();
    throw error instanceof SerinError ? error : damaged(directory, error);
  }
}

class EmbeddedStorage implements Storage {
  readonly #directory: string;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #lock: DirectoryLock;
  readonly #head: Bytes;
  readonly #tables: ReadonlyMap<Table, Bytes>;

  constructor(directory: string, root: RootDatabase<Buffer, Buffer>, lock: DirectoryLock) {
    this.#directory = directory;
    this.#root = root;
    this.#lock = lock;
    this.#head = openTable(root, 'head');
    this.#tables = new Map(LOAD_ORDER.map((table) => [table, openTable(root, table)]));
  }

  async load(): Promise<StoredState> {
    this.#root.resetReadTxn();
    const head = this.#readHead();
    return {
      index: head.index,
      tableIndex: new Map(Object.entries(head.tableIndex)) as Map<Table, number>,
      rows: this.#rows(head),
    };
  }

  async append(transactions: readonly CommittedTransaction[]): Promise<void> {
    if (transactions.length === 0) return;
    const head = headAfter(this.#readHead(), transactions);
    const writes = transactions.flatMap(({ changes }) => changes.flatMap((change) => this.#writesOf(change)));
    writes.push({ database: this.#head, key: HEAD_KEY, value: encodeValue(head) });
    try {
      await commit(this.#root, writes);
    } catch (error) {
      throw await this.#writeFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#root.close();
    await this.#lock.release();
  }

  #readHead(): HeadRecord {
    const bytes = this.#head.get(HEAD_KEY);
    return bytes ? (decoded(this.#directory, bytes, 'the head record') as HeadRecord) : NOTHING;
  }

  async *#rows(head: HeadRecord): AsyncGenerator<readonly StoredRow[]> {
    for (const [table, database] of this.#tables) {
      let count = 0;
      for (const batch of inBatches(this.#read(table, database))) {
        count += batch.length;
        yield batch;
      }
      const expected = head.rows[table] ?? 0;
      if (count !== expected) throw damaged(this.#directory, new Error(`${table} has ${count} rows of ${expected}`));
    }
  }

  *#read(table: Table, database: Bytes): Generator<StoredRow> {
    try {
      for (const { key: keyBytes, value } of database.getRange({ snapshot: true })) {
        const key = decodeKey(keyBytes);
        yield { table, key, row: decoded(this.#directory, value, `${table} ${key}`) as Row };
      }
    } catch (error) {
      throw error instanceof SerinError ? error : damaged(this.#directory, error);
    }
  }

  /** A row that was deleted and made anew within one transaction stands elsewhere than before. */
  #writesOf(change: Change): Write[] {
    const database = this.#tables.get(change.table)!;
    const before = rowBefore(change);
    const after = rowAfter(change);
    const writes: Write[] = [];
    if (before && before.CreateIndex !== after?.CreateIndex) {
      writes.push({ database, key: encodeKey(before.CreateIndex, change.key) });
    }
    if (after) writes.push({ database, key: encodeKey(after.CreateIndex, change.key), value: encodeValue(after) });
    return writes;
  }

  async #writeFailure(error: unknown): Promise<SerinError> {
    const detail = await detailOf(error);
    const { bavail, bsize } = await statfs(this.#directory);
    const where = `the data directory ${this.#directory}`;
    if (bavail * bsize < FULL_BELOW_BYTES) {
      return new SerinError('storage', `the disk of ${where} is full; free some room`, { cause: error });
    }
    return new SerinError('storage', `${where} could not be written: ${detail}`, { cause: error });
  }
}

async function makeDirectory(directory: string): Promise<void> {
  const step = async (verb: string, act: () => Promise<unknown>) => {
    try {
      await act();
    } catch (error) {
      const message = `the data directory ${directory} cannot be ${verb}: ${messageOf(error)}`;
      throw new SerinError('storage', message, { cause: error });
    }
  };
  await step('made', () => mkdir(directory, { recursive: true, mode: 0o700 }));
  await step('written', () => tryWriting(join(directory, '.written')));
}

/** Permissions alone do not say it: a read-only mount, a quota and other users' rights only show in trying. */
async function tryWriting(file: string): Promise<void> {
  await writeFile(file, '');
  await rm(file, { force: true });
}

function openDatabase(directory: string): RootDatabase<Buffer, Buffer> {
  return open<Buffer, Buffer>({
    path: join(directory, FILE),
    noSubdir: true,
    maxDbs: 16,
    encoding: 'binary',
    keyEncoding: 'binary',
    overlappingSync: false,
    // Every append is a batch of its own; without this a failed commit also rejects a promise that nobody can reach.
    eventTurnBatching: false,
  } as RootDatabaseOptionsWithPath);
}

function openTable(root: RootDatabase<Buffer, Buffer>, name: string): Bytes {
  return root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
}

/** A new store gets this Serin's format; one from a newer Serin is left alone. */
function checkFormat(root: RootDatabase<Buffer, Buffer>, directory: string): void {
  const head = openTable(root, 'head');
  const bytes = head.get(FORMAT_KEY);
  if (!bytes) {
    head.putSync(FORMAT_KEY, encodeValue(FORMAT));
    return;
  }
  const format = decoded(directory, bytes, 'the format record') as number;
  if (format <= FORMAT) return;
  throw new SerinError(
    'storage',
    `the data directory ${directory} was written by a newer Serin (format ${format}); this one reads up to format ${FORMAT}: start the newer Serin, or use another directory`,
  );
}

function headAfter(head: HeadRecord, transactions: readonly CommittedTransaction[]): HeadRecord {
  const rows: Record<string, number> = { ...head.rows };
  for (const { changes } of transactions) {
    for (const { table, before, after } of changes) {
      rows[table] = (rows[table] ?? 0) + (after ? 1 : 0) - (before ? 1 : 0);
    }
  }
  const tableIndex = { ...head.tableIndex, ...Object.fromEntries(tablesTouched(transactions)) };
  return { index: transactions.at(-1)!.index, tableIndex, rows };
}

function* inBatches(rows: Iterable<StoredRow>): Generator<readonly StoredRow[]> {
  let batch: StoredRow[] = [];
  for (const row of rows) {
    if (batch.push(row) < LOAD_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * All writes or none, on the disk when it resolves. They are encoded before: a batch that is interrupted half way
 * would commit its first half.
 */
async function commit(root: RootDatabase<Buffer, Buffer>, writes: readonly Write[]): Promise<void> {
  let handled: Promise<boolean> | undefined;
  await root.batch(() => {
    for (const { database, key, value } of writes) {
      const written = value ? database.put(key, value) : database.remove(key);
      // Each answers the one promise of the commit, whose failure `batch` reports; its twin must not go unhandled.
      if (written !== handled) written.catch(() => undefined);
      handled = written;
    }
  });
}

function decoded(directory: string, bytes: Buffer, what: string): unknown {
  try {
    return decodeValue(bytes);
  } catch (error) {
    throw damaged(directory, new Error(`${what} cannot be read: ${messageOf(error)}`, { cause: error }));
  }
}

function damaged(directory: string, cause: unknown): SerinError {
  const file = join(directory, FILE);
  return new SerinError(
    'storage',
    `the data file ${file} is damaged (${messageOf(cause)}); restore it from a backup, or move it away to start empty`,
    { cause },
  );
}

/** LMDB's own error stands behind a promise. */
async function detailOf(error: unknown): Promise<string> {
  const commitError = (error as { commitError?: Promise<unknown> }).commitError;
  if (!commitError) return messageOf(error);
  return commitError.then(() => messageOf(error), messageOf);
}
