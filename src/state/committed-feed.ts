/**
 * What has become durable, for those who wait for it: blocking queries, loops, the event stream. A ring of recent
 * transactions lets a subscriber start in the past without a gap; who falls too far behind is cut off and reads again.
 */
import { SerinError } from '../lib/errors.ts';
import type { Allocation } from '../model/allocation.ts';
import { Subscription } from './subscription.ts';
import type { Change, CommittedTransaction, Table } from './types.ts';

export interface WaitQuery {
  readonly tables: readonly Table[];
  readonly afterIndex: number;
  /** Narrows the wait down to some changes of those tables. Asked of each change for each waiter. */
  readonly relevant?: (change: Change) => boolean;
  /** Narrows it down to the allocations of one node, at no cost for the others: thousands of nodes wait like this. */
  readonly allocsOfNode?: string;
}

interface Waiter {
  readonly query: WaitQuery;
  readonly wake: () => void;
}

/** Rows of the recent past are held by the ring alone, so it is bounded by changes, not only by transactions. */
const RING_CHANGES = 20_000;
const RING_TRANSACTIONS = 4_096;

export class CommittedFeed {
  #index: number;
  readonly #tableIndex: Map<Table, number>;
  /** Everything after this index is in the ring. */
  #ringAfter: number;
  #ring: CommittedTransaction[] = [];
  #ringChanges = 0;
  /** By what can wake them: a table, or one node's allocations. */
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #subscriptions = new Set<Subscription>();

  constructor(index: number, tableIndex: ReadonlyMap<Table, number>) {
    this.#index = index;
    this.#ringAfter = index;
    this.#tableIndex = new Map(tableIndex);
  }

  get index(): number {
    return this.#index;
  }

  get tableIndex(): ReadonlyMap<Table, number> {
    return this.#tableIndex;
  }

  /** Whether a subscriber is half way to being cut off. */
  get hasLaggards(): boolean {
    for (const subscription of this.#subscriptions) if (subscription.isLagging) return true;
    return false;
  }

  publish(transactions: readonly CommittedTransaction[]): void {
    for (const transaction of transactions) {
      this.#index = transaction.index;
      for (const { table } of transaction.changes) this.#tableIndex.set(table, transaction.index);
      this.#ring.push(transaction);
      this.#ringChanges += transaction.changes.length;
      for (const subscription of this.#subscriptions) subscription.push(transaction);
      this.#wake(transaction);
    }
    this.#trimRing();
  }

  /** The store was read again: what was between is not known, so everybody reads again too. */
  restart(index: number, tableIndex: ReadonlyMap<Table, number>, reason: SerinError): void {
    this.#index = index;
    this.#ringAfter = index;
    this.#ring = [];
    this.#ringChanges = 0;
    this.#tableIndex.clear();
    for (const [table, at] of tableIndex) this.#tableIndex.set(table, at);
    for (const waiters of this.#waiters.values()) for (const waiter of [...waiters]) waiter.wake();
    this.cutOff(reason);
  }

  cutOff(reason: SerinError): void {
    for (const subscription of this.#subscriptions) subscription.fail(reason);
    this.#subscriptions.clear();
  }

  waitFor(query: WaitQuery, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#hasHappened(query)) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        for (const topic of topics) this.#unregister(topic, waiter);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const waiter: Waiter = { query, wake };
      const topics = query.allocsOfNode === undefined ? query.tables : [nodeTopic(query.allocsOfNode)];
      for (const topic of topics) this.#register(topic, waiter);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  subscribe(
    options: { readonly afterIndex?: number; readonly maxBehind: number },
    signal: AbortSignal,
  ): AsyncIterable<CommittedTransaction> {
    const afterIndex = options.afterIndex ?? this.#index;
    const subscription = new Subscription(options.maxBehind, () => this.#subscriptions.delete(subscription));
    if (afterIndex < this.#ringAfter) subscription.fail(tooOld(afterIndex, this.#ringAfter));
    else {
      subscription.replay(this.#ring.filter((each) => each.index > afterIndex));
      this.#subscriptions.add(subscription);
    }
    subscription.endOn(signal);
    return subscription;
  }

  #register(topic: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(topic);
    if (waiters) waiters.add(waiter);
    else this.#waiters.set(topic, new Set([waiter]));
  }

  #unregister(topic: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(topic);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(topic);
  }

  /** Where the ring does not reach back far enough, a change of the table counts as relevant: better once too often. */
  #hasHappened(query: WaitQuery): boolean {
    const { tables, afterIndex } = query;
    if (!tables.some((table) => (this.#tableIndex.get(table) ?? 0) > afterIndex)) return false;
    if (afterIndex < this.#ringAfter) return true;
    return this.#ring.some((each) => each.index > afterIndex && each.changes.some((change) => concerns(query, change)));
  }

  #wake({ index, changes }: CommittedTransaction): void {
    if (this.#waiters.size === 0) return;
    for (const [topic, concerned] of byTopic(changes)) {
      for (const waiter of [...(this.#waiters.get(topic) ?? [])]) {
        const { afterIndex, relevant } = waiter.query;
        if (index > afterIndex && (!relevant || concerned.some(relevant))) waiter.wake();
      }
    }
  }

  #trimRing(): void {
    let drop = 0;
    while (this.#ringChanges > RING_CHANGES || this.#ring.length - drop > RING_TRANSACTIONS) {
      const oldest = this.#ring[drop++]!;
      this.#ringChanges -= oldest.changes.length;
      this.#ringAfter = oldest.index;
    }
    if (drop > 0) this.#ring.splice(0, drop);
  }
}

const nodeTopic = (nodeId: string): string => `allocs of ${nodeId}`;

const nodeOf = (change: Change): string => ((change.after ?? change.before) as Allocation).NodeID;

function concerns({ tables, allocsOfNode, relevant }: WaitQuery, change: Change): boolean {
  if (!tables.includes(change.table)) return false;
  if (allocsOfNode !== undefined && nodeOf(change) !== allocsOfNode) return false;
  return !relevant || relevant(change);
}

function byTopic(changes: readonly Change[]): Map<string, Change[]> {
  const topics = new Map<string, Change[]>();
  const add = (topic: string, change: Change) => {
    const list = topics.get(topic);
    if (list) list.push(change);
    else topics.set(topic, [change]);
  };
  for (const change of changes) {
    add(change.table, change);
    if (change.table === 'allocs') add(nodeTopic(nodeOf(change)), change);
  }
  return topics;
}

function tooOld(afterIndex: number, oldest: number): SerinError {
  return new SerinError(
    'conflict',
    `index ${afterIndex} is too old: what changed up to index ${oldest} is no longer kept; read the state and subscribe from its index`,
  );
}
