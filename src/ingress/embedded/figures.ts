/** What is counted per backend, pool and version, since this process started. */
import type { IngressFigure } from '../../model/ingress.ts';
import { LATENCY_BOUNDS_MS, latencyBucket, trimmedCounts } from '../../model/latency.ts';

export interface FigureCounter {
  readonly pool: string;
  readonly version: number;
  requests: number;
  errors: number;
  bytesIn: number;
  bytesOut: number;
  readonly latency: number[];
  latencySumMs: number;
}

export function countLatency(counter: FigureCounter, ms: number): void {
  counter.latency[latencyBucket(ms)]!++;
  counter.latencySumMs += ms;
}

/** Versions that a backend remembers; those that the table named last stay. */
const MAX_VERSIONS = 20;

export class BackendFigures {
  readonly #backend: string;
  readonly #counters = new Map<string, FigureCounter>();
  /** Requests that reached no instance. */
  unserved = 0;

  constructor(backend: string) {
    this.#backend = backend;
  }

  counter(pool: string, version: number): FigureCounter {
    const key = `${pool}/${version}`;
    const counter = this.#counters.get(key) ?? newCounter(pool, version);
    // Whoever is asked for becomes the newest.
    this.#counters.delete(key);
    this.#counters.set(key, counter);
    this.#forgetOldest();
    return counter;
  }

  snapshot(inFlight: ReadonlyMap<FigureCounter, number>): IngressFigure[] {
    const figures = [...this.#counters.values()].map((counter) => ({
      Backend: this.#backend,
      Pool: counter.pool,
      Version: counter.version,
      Requests: counter.requests,
      Errors: counter.errors,
      InFlight: inFlight.get(counter) ?? 0,
      BytesIn: counter.bytesIn,
      BytesOut: counter.bytesOut,
      Latency: trimmedCounts(counter.latency),
      LatencySumMs: counter.latencySumMs,
    }));
    if (this.unserved === 0) return figures;
    const none = { Backend: this.#backend, Pool: 'none', Version: 0, InFlight: 0 };
    return [...figures, { ...none, Requests: this.unserved, Errors: this.unserved }];
  }

  #forgetOldest(): void {
    while (this.#counters.size > MAX_VERSIONS) this.#counters.delete(this.#counters.keys().next().value!);
  }
}

const newCounter = (pool: string, version: number): FigureCounter => ({
  pool,
  version,
  requests: 0,
  errors: 0,
  bytesIn: 0,
  bytesOut: 0,
  latency: Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0),
  latencySumMs: 0,
});
