/** A server's state in the words of the report. */
import type { IngressServerStatus } from '../../model/ingress.ts';
import type { ServerState } from './server-state.ts';

const WORDS: Readonly<Record<ServerState, IngressServerStatus['State']>> = {
  joining: 'unhealthy',
  ready: 'ready',
  unhealthy: 'unhealthy',
  draining: 'draining',
  drained: 'drained',
};

export function statusOf(
  server: { readonly state: ServerState; readonly inFlight: number; readonly requests: number },
  isReachable: boolean,
): IngressServerStatus {
  const word = WORDS[server.state];
  return {
    State: word === 'ready' && !isReachable ? 'unhealthy' : word,
    InFlight: server.inFlight,
    Requests: server.requests,
  };
}

/** From the most to the least reassuring, for an instance that stands behind several services at one port. */
const ORDER = ['drained', 'ready', 'unhealthy', 'draining'] as const;

/**
 * What else is in flight to an instance, by a preview or by a way in that it has left: it is not drained before that is
 * over. Whether it is ready is for the ways in that users take to say.
 */
export function addAside(status: IngressServerStatus, aside: IngressServerStatus): IngressServerStatus {
  const isDrained = status.State === 'drained' && aside.State === 'drained';
  const State = status.State === 'drained' && !isDrained ? 'draining' : status.State;
  return { State, InFlight: status.InFlight + aside.InFlight, ...requestsOf(status, aside) };
}

/** It is drained, or ready, only where all of its services say so. */
export function mergeStatus(a: IngressServerStatus, b: IngressServerStatus): IngressServerStatus {
  const worse = ORDER.indexOf(a.State) >= ORDER.indexOf(b.State) ? a.State : b.State;
  return { State: worse, InFlight: a.InFlight + b.InFlight, ...requestsOf(a, b) };
}

const requestsOf = (a: IngressServerStatus, b: IngressServerStatus): Pick<IngressServerStatus, 'Requests'> =>
  a.Requests === undefined && b.Requests === undefined ? {} : { Requests: (a.Requests ?? 0) + (b.Requests ?? 0) };
