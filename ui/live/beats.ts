/** Rates from counts: pure. Versions are told apart, pools and services of a job are added up. */
import type { BackendPulse, VersionPulse } from '../../src/model/ingress-pulse.ts';
import { addCounts, countsSince, latencyAt } from '../../src/model/latency.ts';

/** One moment. */
export interface Beat {
  /** Milliseconds since the epoch, by the server's clock. */
  readonly atMs: number;
  /** None in the first beat: a rate needs two counts. */
  readonly versions: ReadonlyMap<number, VersionBeat>;
  /** What the next beat is counted from. */
  readonly counts: ReadonlyMap<number, Counts>;
}

export interface VersionBeat {
  readonly requestsPerSecond: number;
  /** 0 to 1; undefined: no request. */
  readonly errorShare: number | undefined;
  /** Of requests in this interval; undefined: none, or nobody can tell. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

interface Counts {
  readonly requests: number;
  readonly errors: number;
  readonly latency: readonly number[];
}

const KEPT_MS = 5 * 60_000;
/** Rates of less than this jump about. */
const LEAST_INTERVAL_MS = 900;

export function beatsAfter(beats: readonly Beat[], atMs: number, backends: readonly BackendPulse[]): readonly Beat[] {
  const last = beats.at(-1);
  if (last && atMs - last.atMs < LEAST_INTERVAL_MS) return beats;
  const counts = countsOf(backends);
  const versions = last ? ratesSince(last, atMs, counts) : new Map<number, VersionBeat>();
  return [...beats.filter((beat) => atMs - beat.atMs < KEPT_MS), { atMs, versions, counts }];
}

function ratesSince({ atMs: fromMs, counts: before }: Beat, atMs: number, counts: ReadonlyMap<number, Counts>) {
  return new Map([...counts].map(([version, now]) => [version, rateOf(now, before.get(version), atMs - fromMs)]));
}

function countsOf(backends: readonly BackendPulse[]): Map<number, Counts> {
  const counts = new Map<number, Counts>();
  for (const version of backends.flatMap(({ Pools }) => uniquePools(Pools)).flatMap(({ Versions }) => Versions)) {
    counts.set(version.Version, plus(counts.get(version.Version), version));
  }
  return counts;
}

/** The canary pools of several groups show the same figures. */
function uniquePools(pools: BackendPulse['Pools']): BackendPulse['Pools'] {
  return pools.filter(({ Name }, at) => pools.findIndex((other) => other.Name === Name) === at);
}

const plus = (counts: Counts | undefined, version: VersionPulse): Counts => ({
  requests: (counts?.requests ?? 0) + version.Requests,
  errors: (counts?.errors ?? 0) + version.Errors,
  latency: addCounts(counts?.latency ?? [], version.Latency),
});

/** A count that went down was begun anew. */
function rateOf(now: Counts, before: Counts | undefined, intervalMs: number): VersionBeat {
  if (before === undefined || intervalMs <= 0) return SILENT;
  const from = now.requests >= before.requests ? before : { requests: 0, errors: 0, latency: [] };
  const requests = now.requests - from.requests;
  const latency = countsSince(now.latency, from.latency);
  return {
    requestsPerSecond: (requests * 1000) / intervalMs,
    errorShare: requests === 0 ? undefined : Math.max(0, now.errors - from.errors) / requests,
    p50Ms: latencyAt(latency, 0.5),
    p95Ms: latencyAt(latency, 0.95),
  };
}

const SILENT: VersionBeat = {
  requestsPerSecond: 0,
  errorShare: undefined,
  p50Ms: undefined,
  p95Ms: undefined,
};
