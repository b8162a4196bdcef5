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
  server: { readonly state: ServerState; readonly inFlight: number },
  isReachable: boolean,
): IngressServerStatus {
  const word = WORDS[server.state];
  return { State: word === 'ready' && !isReachable ? 'unhealthy' : word, InFlight: server.inFlight };
}

/** From the most to the least reassuring, for an instance that stands behind several services at one port. */
const ORDER = ['drained', 'ready', 'unhealthy', 'draining'] as const;

/** It is drained, or ready, only where all of its services say so. */
export function mergeStatus(a: IngressServerStatus, b: IngressServerStatus): IngressServerStatus {
  const worse = ORDER.indexOf(a.State) >= ORDER.indexOf(b.State) ? a.State : b.State;
  return { State: worse, InFlight: a.InFlight + b.InFlight };
}
