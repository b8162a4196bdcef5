/**
 * The nodes that a group may still be placed on, in an order shuffled once per plan. A placement takes the next dozen
 * that fit, so that load is even and the cost of a placement does not grow with the cluster; a node that turned out to
 * be unfit leaves for good, so that a full cluster is not walked again for every instance.
 */
import type { Random } from '../../lib/random.ts';
import { randomInt } from '../../lib/random.ts';

export class Candidates {
  readonly #order: Int32Array;
  readonly #size: number;
  #live: number;
  #cursor = 0;

  constructor(numbers: readonly number[], random: Random) {
    this.#order = Int32Array.from(numbers);
    this.#size = numbers.length;
    this.#live = numbers.length;
    shuffle(this.#order, random);
  }

  get live(): number {
    return this.#live;
  }

  /** The node that is next; it stays until `keep` or `drop` says what becomes of it. */
  peek(): number {
    if (this.#cursor >= this.#live) this.#cursor = 0;
    return this.#order[this.#cursor]!;
  }

  keep(): void {
    this.#cursor++;
  }

  drop(): void {
    const last = --this.#live;
    const out = this.#order[this.#cursor]!;
    this.#order[this.#cursor] = this.#order[last]!;
    this.#order[last] = out;
  }

  /** Brings everybody back: what made them unfit may be gone. */
  revive(): void {
    this.#live = this.#size;
  }
}

function shuffle(order: Int32Array, random: Random): void {
  for (let at = order.length - 1; at > 0; at--) {
    const other = randomInt(random, at + 1);
    const kept = order[at]!;
    order[at] = order[other]!;
    order[other] = kept;
  }
}

/** As many as the logarithm of the cluster, and never so few that a choice is none. */
const MIN_SAMPLE = 8;
/** With a spread or an affinity the best node is rare, so more are looked at. */
const WIDE_SAMPLE = 100;

/** sampleSize(1, false) → 8 · (5000, false) → 13 · (5000, true) → 100. Callers stop earlier where nodes run out. */
export function sampleSize(nodes: number, isWide: boolean): number {
  if (isWide) return WIDE_SAMPLE;
  return Math.max(MIN_SAMPLE, Math.ceil(Math.log2(Math.max(1, nodes))));
}
