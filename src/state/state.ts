/**
 * The state: everything the servers know, in memory, behind a durable store. `update` extends the pending head at once
 * and resolves when the store has it; transactions made while an append is under way go out together in the next.
 * Everything that leaves the process waits for its index to be durable, so nobody learns what a crash could lose.
 */
import { messageOf, SerinError } from '../lib/errors.ts';
import { CommittedFeed, type WaitQuery } from './committed-feed.ts';
import { Head, type HeadOptions } from './head.ts';
import { KEEP_VERSIONS } from './job-versions.ts';
import { load } from './load.ts';
import type { Storage } from './storage/storage.ts';
import type { CommittedTransaction, ReadTx, WriteTx } from './types.ts';

export interface StateOptions {
  /** Freeze every row, so that whoever mutates one fails there: for tests. */
  readonly freezeRows?: boolean;
  readonly keepVersions?: number;
}

/** How far a subscriber may fall behind before it is cut off: many appends' worth. */
const MAX_BEHIND = 4_096;

/** Encoding a row takes ten microseconds of the event loop, which has to stay free for requests between appends. */
const MOST_CHANGES_TOGETHER = 500;
/** An append is told to subscribers in one go, so this stays well below what one of them may be behind. */
const MOST_TRANSACTIONS_TOGETHER = 256;

interface DurableWaiter {
  readonly index: number;
  readonly resolve: () => void;
  readonly reject: (error: SerinError) => void;
}

interface IndexRange {
  readonly from: number;
  readonly to: number;
  readonly reason: SerinError;
}

type Phase = 'open' | 'recovering' | 'broken' | 'closed';

export class State {
  /** Called once for each failed append, when the head is back at what is durable: leadership ends here. */
  onFailure: ((error: SerinError) => void) | undefined;

  readonly #storage: Storage;
  readonly #options: HeadOptions;
  readonly #feed: CommittedFeed;
  #head: Head;
  #phase: Phase = 'open';
  /** Applied to the head, not yet durable, oldest first. The first ones may be in an append under way. */
  #pending: CommittedTransaction[] = [];
  #waiters: DurableWaiter[] = [];
  #flushing: Promise<void> | undefined;
  /** Indexes that were given to transactions which then were discarded; they are never given again. */
  readonly #discarded: IndexRange[] = [];

  static async open(storage: Storage, options: StateOptions = {}): Promise<State> {
    const head: HeadOptions = {
      freezeRows: options.freezeRows ?? false,
      keepVersions: options.keepVersions ?? KEEP_VERSIONS,
    };
    const loaded = await load(storage, head.freezeRows);
    return new State(storage, head, new Head(head, loaded), new CommittedFeed(loaded.index, loaded.tableIndex));
  }

  /** Use `State.open`. */
  constructor(storage: Storage, options: HeadOptions, head: Head, feed: CommittedFeed) {
    this.#storage = storage;
    this.#options = options;
    this.#head = head;
    this.#feed = feed;
  }

  /** The index of the pending head. */
  get index(): number {
    return this.#head.index;
  }

  /** Its store did not answer after a failed write: nothing can be changed any more. */
  get isBroken(): boolean {
    return this.#phase === 'broken';
  }

  /** How often what was applied has been discarded, because a write failed. */
  get discards(): number {
    return this.#discarded.length;
  }

  get durableIndex(): number {
    return this.#feed.index;
  }

  /** Reads the pending head. What the answer tells anybody outside waits for `whenDurable(tx.index)`. */
  view<T>(read: (tx: ReadTx) => T): T {
    return read(this.#head);
  }

  /**
   * Applies `write` to the head at once; resolves when it is durable. One that wrote nothing resolves at the index it
   * read, once that is durable. If `write` throws, nothing of it is applied and the promise rejects with its error.
   */
  async update<T>(write: (tx: WriteTx) => T): Promise<{ index: number; result: T }> {
    this.#refuseUnlessOpen();
    const result = this.#apply(write);
    const index = this.#head.index;
    await this.whenDurable(index);
    return { index, result };
  }

  /** Resolves when everything up to `index` is durable; rejects when it was discarded. */
  whenDurable(index: number): Promise<void> {
    const discarded = this.#discarded.find(({ from, to }) => index >= from && index <= to);
    if (discarded) return Promise.reject(discarded.reason);
    if (index <= this.durableIndex) return Promise.resolve();
    if (this.#phase === 'closed') return Promise.reject(new SerinError('unavailable', REFUSALS.closed));
    return new Promise((resolve, reject) => {
      this.#waiters.push({ index, resolve, reject });
    });
  }

  /**
   * Resolves when a transaction newer than `afterIndex` that touches one of the tables is durable (at once when there
   * is one already), or when the signal aborts. May resolve once too often; never too seldom.
   */
  waitFor(query: WaitQuery, signal: AbortSignal): Promise<void> {
    return this.#feed.waitFor(query, signal);
  }

  /** Durable transactions in order, from the call on or from `afterIndex`; ends when the signal aborts. */
  subscribe(
    options: { readonly afterIndex?: number; readonly maxBehind?: number },
    signal: AbortSignal,
  ): AsyncIterable<CommittedTransaction> {
    return this.#feed.subscribe({ maxBehind: MAX_BEHIND, ...options }, signal);
  }

  /** Lets what was applied become durable, then closes the store. */
  async close(): Promise<void> {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    await this.#flushing;
    const reason = new SerinError('unavailable', REFUSALS.closed);
    this.#rejectWaiters(reason);
    this.#feed.cutOff(reason);
    await this.#storage.close();
  }

  #apply<T>(write: (tx: WriteTx) => T): T {
    this.#head.begin();
    let result: T;
    try {
      result = write(this.#head);
    } catch (error) {
      this.#head.rollback();
      throw error;
    }
    const changes = this.#head.commit();
    if (changes.length > 0) {
      this.#pending.push({ index: this.#head.index, changes });
      this.#flushing ??= this.#flush();
    }
    return result;
  }

  /** Appends until nothing is pending; what comes in meanwhile is the next append. */
  async #flush(): Promise<void> {
    // One turn of grace: what is applied in the same breath goes out together.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = oneAppend(this.#pending);
      const failure = await this.#append(batch);
      if (failure) await this.#recover(failure);
      else this.#settle(batch);
      if (this.#feed.hasLaggards) await nextTurn();
    }
    this.#flushing = undefined;
  }

  async #append(batch: readonly CommittedTransaction[]): Promise<SerinError | undefined> {
    try {
      await this.#storage.append(batch);
      return undefined;
    } catch (cause) {
      return new SerinError('storage', `the change could not be stored: ${messageOf(cause)}`, { cause });
    }
  }

  #settle(batch: readonly CommittedTransaction[]): void {
    this.#pending.splice(0, batch.length);
    this.#feed.publish(batch);
    this.#resolveWaiters();
  }

  /** Nobody knows whether the failed append got through: forget what is not known to be durable and ask the store. */
  async #recover(failure: SerinError): Promise<void> {
    if (this.#phase === 'open') this.#phase = 'recovering';
    this.#discarded.push({ from: this.#pending[0]!.index, to: this.#head.index, reason: failure });
    this.#head.undo(this.#pending, { index: this.#feed.index, tableIndex: this.#feed.tableIndex });
    this.#pending = [];
    this.#rejectWaiters(failure);
    this.onFailure?.(failure);
    if (this.#phase === 'recovering') await this.#reload(failure);
  }

  async #reload(failure: SerinError): Promise<void> {
    try {
      const loaded = await load(this.#storage, this.#options.freezeRows);
      this.#head = new Head(this.#options, loaded, this.#discarded.at(-1)!.to);
      this.#feed.restart(loaded.index, loaded.tableIndex, failure);
      if (this.#phase === 'recovering') this.#phase = 'open';
    } catch {
      // The failure is reported already; without its store the state answers reads and refuses updates.
      if (this.#phase === 'recovering') this.#phase = 'broken';
      this.#feed.cutOff(failure);
    }
  }

  #refuseUnlessOpen(): void {
    if (this.#phase === 'open') return;
    throw new SerinError('unavailable', REFUSALS[this.#phase]);
  }

  #resolveWaiters(): void {
    const durable = this.durableIndex;
    const still: DurableWaiter[] = [];
    for (const waiter of this.#waiters) {
      if (waiter.index <= durable) waiter.resolve();
      else still.push(waiter);
    }
    this.#waiters = still;
  }

  #rejectWaiters(reason: SerinError): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(reason);
  }
}

/** A store that answers at once would otherwise leave those who follow it no moment to take what is theirs. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The oldest transactions, as many as go out together. */
function oneAppend(pending: readonly CommittedTransaction[]): CommittedTransaction[] {
  let changes = 0;
  let end = 0;
  while (end < Math.min(pending.length, MOST_TRANSACTIONS_TOGETHER)) {
    changes += pending[end]!.changes.length;
    if (end > 0 && changes > MOST_CHANGES_TOGETHER) break;
    end++;
  }
  return pending.slice(0, end);
}

const REFUSALS: Readonly<Record<Exclude<Phase, 'open'>, string>> = {
  recovering: 'the state is being read again after a failed write; try again in a moment',
  broken: 'the store does not answer after a failed write, so nothing can be changed; restart the agent',
  closed: 'the state is closed: this agent is stopping',
};
