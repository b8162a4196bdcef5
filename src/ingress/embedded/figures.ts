/** Requests and errors per backend, pool and version, counted since this process started. */
import type { IngressFigure } from '../../model/ingress.ts';

export interface FigureCounter {
  readonly pool: string;
  readonly version: number;
  requests: number;
  errors: number;
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
    const counter = this.#counters.get(key) ?? { pool, version, requests: 0, errors: 0 };
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
    }));
    if (this.unserved === 0) return figures;
    const none = { Backend: this.#backend, Pool: 'none', Version: 0, InFlight: 0 };
    return [...figures, { ...none, Requests: this.unserved, Errors: this.unserved }];
  }

  #forgetOldest(): void {
    while (this.#counters.size > MAX_VERSIONS) this.#counters.delete(this.#counters.keys().next().value!);
  }
}
