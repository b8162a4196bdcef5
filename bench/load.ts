/**
 * A load generator that is exact about what failed: every request sent is answered in full with a 2xx, or it is listed.
 * Raw sockets, so that nothing is retried behind our back.
 *
 * Failed: no connection, a connection lost after the request went out, a response cut short or malformed, a status
 * other than 2xx, no answer in time. Not failed: a connection that the other side closed between two requests, since
 * nothing had been sent on it; it is opened again.
 */
import { setMaxListeners } from 'node:events';
import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/lib/clock.ts';
import { type Latencies, LatencyHistogram } from './latency-histogram.ts';
import { LoadConnection, type LoadResponse, type OpenedConnection } from './load-connection.ts';

export interface LoadFailure {
  /** What failed, in words. */
  readonly what: string;
  /** By `performance.now()`. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly connection: OpenedConnection;
}

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  /** "mixed": every other connection is fresh for each request. */
  readonly keepAlive: 'always' | 'never' | 'mixed';
  /** Where the connections of each worker go, its first being 0; to the host of the URL where it is absent. */
  readonly hostOf?: (worker: number, opening: number) => string;
  readonly onResponse?: (response: LoadResponse, connection: OpenedConnection) => void;
  readonly onFailure?: (failure: LoadFailure) => void;
  /** Over all connections; as fast as it goes when absent. */
  readonly ratePerSecond?: number;
  readonly method?: string;
  readonly body?: Buffer;
  readonly timeoutMs?: number;
}

export interface LoadSnapshot {
  readonly requests: number;
  readonly failed: number;
  /** The first hundred, in words. */
  readonly failures: string[];
  /** Answers by version: the header `x-version`, else the body's first line. */
  readonly byVersion: Record<string, number>;
  /** Milliseconds. */
  readonly latencies: Latencies;
}

export interface Load {
  snapshot(): LoadSnapshot;
  /** Sends nothing more, waits for the answers that are due. */
  stop(): Promise<LoadSnapshot>;
}

const MAX_FAILURES = 100;
const TIMEOUT_MS = 30_000;
/** After a failed request: a server that is gone is not to be hammered. */
const AFTER_FAILURE_MS = 20;

export function startLoad(options: LoadOptions): Load {
  const tally = new Tally();
  const stopped = new AbortController();
  setMaxListeners(0, stopped.signal);
  const workers = Array.from({ length: options.connections }, (_, at) =>
    runWorker(options, isFresh(options.keepAlive, at), at, tally, stopped.signal),
  );
  return {
    snapshot: () => tally.snapshot(),
    async stop() {
      stopped.abort();
      await Promise.all(workers);
      return tally.snapshot();
    },
  };
}

const isFresh = (keepAlive: LoadOptions['keepAlive'], at: number): boolean =>
  keepAlive === 'never' || (keepAlive === 'mixed' && at % 2 === 1);

async function runWorker(
  options: LoadOptions,
  fresh: boolean,
  at: number,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const { url, method = 'GET', body, timeoutMs = TIMEOUT_MS, hostOf } = options;
  const connection = new LoadConnection({
    url: new URL(url),
    method,
    body,
    timeoutMs,
    fresh,
    ...(hostOf && { hostOf: (opening: number) => hostOf(at, opening) }),
  });
  const intervalMs = options.ratePerSecond === undefined ? 0 : (1000 * options.connections) / options.ratePerSecond;
  let nextMs = systemClock.nowMs() + (intervalMs * at) / options.connections;
  while (!signal.aborted) {
    if (intervalMs > 0) await pause(nextMs - systemClock.nowMs(), signal);
    nextMs += intervalMs;
    if (signal.aborted && intervalMs > 0) break;
    const startedMs = performance.now();
    const outcome = await connection.request();
    if (typeof outcome === 'string') {
      tally.failed(outcome);
      options.onFailure?.({ what: outcome, startedMs, endedMs: performance.now(), connection: connection.opened });
      await pause(AFTER_FAILURE_MS, signal);
    } else {
      tally.answered(outcome);
      options.onResponse?.(outcome, connection.opened);
    }
  }
  connection.close();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}

class Tally {
  #requests = 0;
  #failed = 0;
  readonly #failures: string[] = [];
  readonly #byVersion: Record<string, number> = {};
  readonly #latencies = new LatencyHistogram();

  failed(what: string): void {
    this.#requests++;
    this.#failed++;
    if (this.#failures.length < MAX_FAILURES) this.#failures.push(`${new Date().toISOString()} ${what}`);
  }

  answered(response: LoadResponse): void {
    this.#requests++;
    this.#byVersion[response.version] = (this.#byVersion[response.version] ?? 0) + 1;
    this.#latencies.add(response.latencyMs);
  }

  snapshot(): LoadSnapshot {
    return {
      requests: this.#requests,
      failed: this.#failed,
      failures: [...this.#failures],
      byVersion: { ...this.#byVersion },
      latencies: this.#latencies.summary(),
    };
  }
}
