/**
 * Why a request failed while a data plane was killed or frozen, connection by connection. Pure: what the clients saw on
 * one side, what the harness did and what the kernel's list of listeners said on the other. The kernel completes a
 * connection for whoever listens at that moment: one that is older than the next process's socket was never that one's.
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
  /** Of the ingress: what goes through another one is not explained by it. */
  readonly host: string;
  readonly how: 'killed' | 'frozen';
  /** Just before the signal. */
  readonly fromMs: number;
  /** The last look that did not find the next process listening; frozen: when it was told to go on. Until then Infinity. */
  readonly notYetMs: number;
  /** The first look that found one. Until then Infinity. */
  readonly backMs: number;
}

export const Explanation = {
  /** Its connection was made to the process that was killed or frozen. */
  openThere: 'open on that process',
  /** Its connection was refused, or came to nothing, between the signal and the next process's listening. */
  nobodyListened: 'came while nobody listened',
} as const;
export type Explanation = (typeof Explanation)[keyof typeof Explanation];

/** Undefined: no outage explains it, so a request was lost. */
export function explain(failure: Failure, outages: readonly Outage[]): Explanation | undefined {
  for (const outage of outages) {
    if (failure.connection.host !== outage.host || failure.endedMs < outage.fromMs) continue;
    const explanation = outage.how === 'killed' ? ofKilled(failure, outage) : ofFrozen(failure, outage);
    if (explanation !== undefined) return explanation;
  }
  return undefined;
}

/** A connection stays with its process, whenever something is sent on it: the signal takes a moment to end that one. */
function ofKilled(failure: Failure, { fromMs, notYetMs, backMs }: Outage): Explanation | undefined {
  const { openedMs } = failure.connection;
  if (openedMs < fromMs) return wasRefused(failure) ? undefined : Explanation.openThere;
  const isMeanwhile = openedMs <= (wasRefused(failure) ? backMs : notYetMs);
  return isMeanwhile ? Explanation.nobodyListened : undefined;
}

/** It goes on, and listens all the while: what is sent after that must be answered. */
function ofFrozen(failure: Failure, { backMs }: Outage): Explanation | undefined {
  return failure.startedMs <= backMs && !wasRefused(failure) ? Explanation.openThere : undefined;
}

const wasRefused = ({ what }: Failure): boolean => what.includes('ECONNREFUSED');

/** `outage`: the last one, if there was any. */
export function describeFailure(failure: Failure, outage?: Outage): string {
  const { kind, what, startedMs, endedMs, connection } = failure;
  const since =
    outage === undefined
      ? ''
      : `; it ended ${Math.round(endedMs - outage.fromMs)} ms after the signal, ${Math.round(endedMs - outage.backMs)} ms after the comeback`;
  return `${kind}: ${what}, ${Math.round(endedMs - startedMs)} ms after it was sent on ${
    connection.localPort === undefined ? 'no connection' : `the connection from port ${connection.localPort}`
  } to ${connection.host}, opened ${Math.round(startedMs - connection.openedMs)} ms before${since}`;
}
