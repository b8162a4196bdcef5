/** Latencies of any number of requests in a fixed amount of memory: buckets that grow by 2%. */

export interface Latencies {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

const FIRST_MS = 0.01;
const GROWTH = Math.log(1.02);
const BUCKETS = 1200;

export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #maxMs = 0;

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, FIRST_MS) / FIRST_MS) / GROWTH);
    this.#counts[Math.min(bucket, BUCKETS - 1)]!++;
    this.#total++;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  summary(): Latencies {
    return { p50: this.#quantile(0.5), p90: this.#quantile(0.9), p99: this.#quantile(0.99), max: this.#maxMs };
  }

  /** The upper end of the bucket in which the quantile lies; 0 when there is none. */
  #quantile(share: number): number {
    let left = share * this.#total;
    for (let bucket = 0; bucket < BUCKETS && this.#total > 0; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return Math.min(this.#maxMs, FIRST_MS * Math.exp(GROWTH * bucket));
    }
    return this.#maxMs;
  }
}
