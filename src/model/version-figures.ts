/** Ours: what a version of a service has served, over all ingresses. */
import type { IngressFigure } from './ingress.ts';
import { addCounts, countsSince, latencyAt } from './latency.ts';

export interface VersionFigures {
  Version: number;
  Requests: number;
  /** Answers of 500 and above, and requests that were cut. */
  Errors: number;
  InFlight: number;
  BytesIn: number;
  BytesOut: number;
  /** From the whole request to the first byte of its answer; absent where no ingress can tell. */
  LatencyMs?: { P50: number; P95: number; P99: number };
}

/** One version beside the others of its service, while a deployment changes them. */
export interface VersionTraffic extends VersionFigures {
  /** "namespace/job/service". */
  Backend: string;
  /** "stable", "canary": where its requests came from, in time. */
  Pools: string[];
  /** Milliseconds since the epoch: when its counts here began. */
  SinceMs: number;
  RequestsPerSecond: number;
}

export interface DeploymentTraffic {
  /** When the counts ended; absent: they go on. */
  UntilMs?: number;
  Versions: VersionTraffic[];
  /** Requests that reached no instance. */
  Unserved: number;
}

/** What adds up. */
export interface Tally {
  readonly requests: number;
  readonly errors: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly latency: readonly number[];
}

export const EMPTY_TALLY: Tally = { requests: 0, errors: 0, bytesIn: 0, bytesOut: 0, latency: [] };

export const tallyOf = (figure: IngressFigure): Tally => ({
  requests: figure.Requests,
  errors: figure.Errors,
  bytesIn: figure.BytesIn ?? 0,
  bytesOut: figure.BytesOut ?? 0,
  latency: figure.Latency ?? [],
});

export const addTallies = (a: Tally, b: Tally): Tally => ({
  requests: a.requests + b.requests,
  errors: a.errors + b.errors,
  bytesIn: a.bytesIn + b.bytesIn,
  bytesOut: a.bytesOut + b.bytesOut,
  latency: addCounts(a.latency, b.latency),
});

/** Of one process of an ingress: counts only grow there. */
export const tallySince = (now: Tally, before: Tally): Tally => ({
  requests: now.requests - before.requests,
  errors: now.errors - before.errors,
  bytesIn: now.bytesIn - before.bytesIn,
  bytesOut: now.bytesOut - before.bytesOut,
  latency: countsSince(now.latency, before.latency),
});

export function versionFigures(Version: number, tally: Tally, InFlight: number): VersionFigures {
  const { requests: Requests, errors: Errors, bytesIn: BytesIn, bytesOut: BytesOut, latency } = tally;
  const [P50, P95, P99] = [0.5, 0.95, 0.99].map((part) => latencyAt(latency, part));
  const figures = { Version, Requests, Errors, InFlight, BytesIn, BytesOut };
  return P50 === undefined ? figures : { ...figures, LatencyMs: { P50, P95: P95!, P99: P99! } };
}
