/**
 * The life of one server (an instance behind one port) as this data plane sees it.
 *
 *            check-passed            drain             emptied
 *   joining ─────────────▶ ready ───────────▶ draining ───────▶ drained
 *      ▲                   │   ▲                 │ ▲               │
 *      │   check-failed or │   │ check-passed    │ │ drain         │
 *      │           refused ▼   │                 │ │ (from joining │
 *      │                 unhealthy ──────────────┼─┘  as well)     │
 *      └──────────────── join (taken back) ◀─────┴─────────────────┘
 *
 * Only `ready` gets new requests. A server that leaves the table while requests are in flight stays `draining` here.
 */

export const ServerStates = {
  joining: 'joining',
  ready: 'ready',
  unhealthy: 'unhealthy',
  draining: 'draining',
  drained: 'drained',
} as const;
export type ServerState = (typeof ServerStates)[keyof typeof ServerStates];

export type ServerEvent = 'check-passed' | 'check-failed' | 'refused' | 'drain' | 'emptied' | 'join';

const TRANSITIONS: Readonly<Record<ServerState, Partial<Record<ServerEvent, ServerState>>>> = {
  joining: { 'check-passed': 'ready', 'check-failed': 'joining', drain: 'draining', join: 'joining' },
  ready: {
    'check-passed': 'ready',
    'check-failed': 'unhealthy',
    refused: 'unhealthy',
    drain: 'draining',
    join: 'ready',
  },
  unhealthy: {
    'check-passed': 'ready',
    'check-failed': 'unhealthy',
    refused: 'unhealthy',
    drain: 'draining',
    join: 'unhealthy',
  },
  draining: { drain: 'draining', emptied: 'drained', refused: 'draining', join: 'joining' },
  drained: { drain: 'drained', emptied: 'drained', join: 'joining' },
};

export function nextServerState(state: ServerState, event: ServerEvent): ServerState {
  const next = TRANSITIONS[state][event];
  if (next === undefined) throw new Error(`a ${state} server cannot take "${event}"`);
  return next;
}
