/**
 * How much a node helps to spread a group over the values of an attribute. Nodes are numbered, and so are values, so
 * that looking at a node again costs two array reads: with a spread a hundred nodes are looked at per placement.
 */
import type { Spread } from '../../model/constraint.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import type { Node } from '../../model/node.ts';
import { compileTarget, type Target } from '../feasible/target.ts';

const UNREAD = -2;
const NO_VALUE = -1;

/** A node without the attribute helps least. */
const WORST = -1;

export class SpreadScore {
  readonly #blocks: readonly SpreadBlock[];

  constructor(blocks: readonly SpreadBlock[]) {
    this.#blocks = blocks;
  }

  /** -1 to 1: the blocks' boosts by their weights. */
  score(number: number): number {
    let score = 0;
    for (const block of this.#blocks) score += block.share * block.boost(number);
    return score;
  }

  count(number: number): void {
    for (const block of this.#blocks) block.count(number);
  }
}

/** undefined: nobody asks to be spread. */
export function compileSpreads(job: Job, group: TaskGroup, nodes: readonly Node[]): SpreadScore | undefined {
  const spreads = [...(group.Spreads ?? []), ...(job.Spreads ?? [])];
  if (spreads.length === 0) return undefined;
  const total = spreads.reduce((sum, spread) => sum + spread.Weight, 0);
  return new SpreadScore(
    spreads.map((spread) => new SpreadBlock(spread, spread.Weight / (total || 1), group.Count, nodes)),
  );
}

class SpreadBlock {
  readonly share: number;
  readonly #target: Target;
  readonly #wanted: (value: string) => number | undefined;
  readonly #nodes: readonly Node[];
  readonly #groupCount: number;
  /** By node: the number of its value. */
  readonly #valueOf: Int32Array;
  readonly #values = new Map<string, number>();
  /** By value. */
  readonly #used: number[] = [];
  readonly #desired: (number | undefined)[] = [];

  constructor(spread: Spread, share: number, groupCount: number, nodes: readonly Node[]) {
    this.share = share;
    this.#target = compileTarget(spread.Attribute);
    this.#wanted = wantedShares(spread, groupCount);
    this.#nodes = nodes;
    this.#groupCount = groupCount;
    this.#valueOf = new Int32Array(nodes.length).fill(UNREAD);
  }

  boost(number: number): number {
    const value = this.#value(number);
    if (value === NO_VALUE) return WORST;
    const desired = this.#desired[value] ?? this.#groupCount / this.#used.length;
    return spreadBoost(this.#used[value]!, desired);
  }

  count(number: number): void {
    const value = this.#value(number);
    if (value !== NO_VALUE) this.#used[value]!++;
  }

  #value(number: number): number {
    const known = this.#valueOf[number]!;
    return known === UNREAD ? this.#read(number) : known;
  }

  #read(number: number): number {
    const text = this.#target.read(this.#nodes[number]!);
    const value = text === undefined ? NO_VALUE : (this.#values.get(text) ?? this.#newValue(text));
    this.#valueOf[number] = value;
    return value;
  }

  #newValue(text: string): number {
    const value = this.#used.push(0) - 1;
    this.#values.set(text, value);
    this.#desired.push(this.#wanted(text));
    return value;
  }
}

/**
 * What one more instance is worth where `used` are and `desired` should be.
 *
 *   0 of 7 → 1 · 3.5 of 7 → 0.5 · 7 of 7 → 0 · 14 of 7 → -1 · 1 of 0 → -1
 */
export function spreadBoost(used: number, desired: number): number {
  if (desired <= 0) return WORST;
  return Math.max(WORST, (desired - used) / desired);
}

/**
 * How many instances a value should have: its percentage of the count; values that no target names share what the
 * named ones leave, as if they were one. undefined: no targets, every value the same.
 */
function wantedShares({ SpreadTarget }: Spread, count: number): (value: string) => number | undefined {
  const targets = SpreadTarget ?? [];
  if (targets.length === 0) return () => undefined;
  const named = new Map(targets.map((target) => [target.Value, (target.Percent / 100) * count]));
  const left = Math.max(0, 100 - targets.reduce((sum, target) => sum + target.Percent, 0));
  return (value) => named.get(value) ?? (left / 100) * count;
}
