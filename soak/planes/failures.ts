/**
 * Why a request failed while a data plane was killed or frozen, connection by connection. Pure: what the clients saw on
 * one side, what the harness did and what the kernel's list of listeners said on the other.
 *
 * All times are of `performance.now()` of one process.
 */
import type { OpenedConnection } from '../../bench/load-connection.ts';

export const ClientKind = {
  keepAlive: 'keep-alive',
  fresh: 'fresh',
  http2: 'HTTP/2',
  webSocket: 'WebSocket',
  download: 'download',
} as const;
export type ClientKind = (typeof ClientKind)[keyof typeof ClientKind];

export interface Failure {
  readonly kind: ClientKind;
  /** In words; a connection that nobody took says ECONNREFUSED. */
  readonly what: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly connection: OpenedConnection;
}

/** A time in which a data plane was not itself. */
export interface Outage {
  readonly how: 'killed' | 'frozen';
  /** Just before the signal. */
  readonly fromMs: number;
  /** The last look that found no other process listening; frozen: when it was told to go on. Until then Infinity. */
  readonly notYetMs: number;
  /** The first look that found one. Until then Infinity. */
  readonly backMs: number;
}

export const Explanation = {
  /** Its connection was made to the process that was killed or frozen. */
  openThere: 'open on that process',
  nobodyListened: 'came while nobody listened',
} as const;
export type Explanation = (typeof Explanation)[keyof typeof Explanation];

/** Undefined: no outage explains it, so a request was lost. */
export function explain(failure: Failure, outages: readonly Outage[]): Explanation | undefined {
  for (const outage of outages) {
    if (failure.endedMs < outage.fromMs) continue;
    if (wasRefused(failure) && isDuring(failure.connection.openedMs, outage)) return Explanation.nobodyListened;
    if (!wasRefused(failure) && wasOpenThere(failure, outage)) return Explanation.openThere;
  }
  return undefined;
}

const wasRefused = ({ what }: Failure): boolean => what.includes('ECONNREFUSED');

const isDuring = (ms: number, { how, fromMs, backMs }: Outage): boolean =>
  how === 'killed' && ms >= fromMs && ms <= backMs;

/**
 * The kernel completes a connection for whoever listens at that moment. Before another process did, that was the one
 * that was killed; and nothing may have been sent on it that the next process could be blamed for.
 */
function wasOpenThere({ connection, startedMs }: Failure, { notYetMs, backMs }: Outage): boolean {
  return connection.openedMs <= notYetMs && startedMs <= backMs;
}

export const describeFailure = ({ kind, what, startedMs, endedMs, connection }: Failure): string =>
  `${kind}: ${what}, ${Math.round(endedMs - startedMs)} ms after it was sent on ${
    connection.localPort === undefined ? 'no connection' : `the connection from port ${connection.localPort}`
  }, opened ${Math.round(startedMs - connection.openedMs)} ms before`;
