/**
 * The requests that laws are held against: half are quick and may be asked again, half take a while and carry a body,
 * so that nobody on the way can hide a loss by asking another instance. Of both, half come over kept connections.
 */
import type { Latencies } from '../bench/latency-histogram.ts';
import { type LoadOptions, type LoadSnapshot, startLoad } from '../bench/load.ts';

export interface TrafficFigures {
  readonly requests: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly byVersion: Readonly<Record<string, number>>;
  /** Milliseconds; what a slow one takes beyond its own time is `slow` less SLOW_MS. */
  readonly latencies: { readonly quick: Latencies; readonly slow: Latencies };
}

export interface Traffic {
  figures(): TrafficFigures;
  /** Waits for the answers that are due. */
  stop(): Promise<TrafficFigures>;
}

export const SLOW_MS = 40;

export const webUrl = (listen: number, path = '/'): string => `http://127.0.0.1:${listen}${path}`;

export function startTraffic(
  listen: number,
  connections: number,
  ratePerSecond: number,
  watch: Pick<LoadOptions, 'onResponse'> = {},
): Traffic {
  const half = {
    connections: connections / 2,
    ratePerSecond: ratePerSecond / 2,
    keepAlive: 'mixed',
    ...watch,
  } as const;
  const quick = startLoad({ ...half, url: webUrl(listen) });
  const slow = startLoad({
    ...half,
    url: webUrl(listen, `/slow?ms=${SLOW_MS}`),
    method: 'POST',
    body: Buffer.from('not to be sent twice'),
  });
  return {
    figures: () => together(quick.snapshot(), slow.snapshot()),
    async stop() {
      const [first, second] = await Promise.all([quick.stop(), slow.stop()]);
      return together(first, second);
    },
  };
}

/** What a service answered while something was done to it. */
export async function underTraffic(
  listen: number,
  work: () => Promise<unknown>,
  watch?: Pick<LoadOptions, 'onResponse'>,
): Promise<TrafficFigures> {
  const traffic = startTraffic(listen, 8, 160, watch);
  try {
    await work();
  } catch (error) {
    await traffic.stop();
    throw error;
  }
  return traffic.stop();
}

function together(quick: LoadSnapshot, slow: LoadSnapshot): TrafficFigures {
  return {
    requests: quick.requests + slow.requests,
    failed: quick.failed + slow.failed,
    failures: [...quick.failures, ...slow.failures],
    byVersion: sum(quick.byVersion, slow.byVersion),
    latencies: { quick: quick.latencies, slow: slow.latencies },
  };
}

function sum(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const total: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) total[name] = (total[name] ?? 0) + count;
  return total;
}
