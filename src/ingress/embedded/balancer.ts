/** Which pool, and which server of it: weights belong to pools, and within a pool the least busy server is next. */

export interface Loaded {
  readonly inFlight: number;
}

/** The server with the fewest requests in flight; among equals the next one round the circle. */
export class LeastInFlight<S extends Loaded> {
  #turn = 0;

  pick(servers: readonly S[], excluded?: ReadonlySet<S>): S | undefined {
    let best: S | undefined;
    let bestAt = 0;
    for (let step = 0; step < servers.length; step++) {
      const at = (this.#turn + step) % servers.length;
      const server = servers[at]!;
      if (excluded?.has(server)) continue;
      if (best === undefined || server.inFlight < best.inFlight) [best, bestAt] = [server, at];
      if (best.inFlight === 0) break;
    }
    this.#turn = bestAt + 1;
    return best;
  }
}

export interface Weighted {
  readonly weight: number;
}

/**
 * Spreads choices over pools in the exact proportion of their weights, as evenly in time as can be: each choice adds
 * every pool's weight to its credit and takes the sum from the one with most. A pool of weight 0 is never chosen.
 *
 * Weights 75 and 25: a, a, b, a, a, a, b, a …
 */
export class WeightedTurns<P extends Weighted> {
  /** A pool that is gone takes its credit along. */
  readonly #credit = new WeakMap<P, number>();

  pick(pools: readonly P[]): P | undefined {
    if (pools.length === 1) return pools[0]!.weight > 0 ? pools[0] : undefined;
    let sum = 0;
    let best: P | undefined;
    let bestCredit = 0;
    for (const pool of pools) {
      if (pool.weight <= 0) continue;
      const credit = (this.#credit.get(pool) ?? 0) + pool.weight;
      this.#credit.set(pool, credit);
      sum += pool.weight;
      if (best === undefined || credit > bestCredit) [best, bestCredit] = [pool, credit];
    }
    if (best !== undefined) this.#credit.set(best, bestCredit - sum);
    return best;
  }
}
