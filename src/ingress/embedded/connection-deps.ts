/** What the connections of clients have in common, whatever they speak. */
import type { Clock } from '../../lib/clock.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { Forbidden } from './admission.ts';
import type { Backend } from './backend.ts';
import type { Origin } from './origin.ts';
import type { PasswordGate } from './password-gate.ts';
import type { RedirectTarget } from './redirect.ts';

export interface ConnectionTimeouts {
  /** From the first byte of a head to its last; the same for a TLS handshake, and for the next piece of a body. */
  readonly headMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** For what is left of a request that nobody wants, and for a client to close after us. */
  readonly lingerMs: number;
}

export const DEFAULT_TIMEOUTS: ConnectionTimeouts = {
  headMs: DEFAULT_SETTINGS.headerTimeoutMs,
  idleMs: DEFAULT_SETTINGS.keepAliveTimeoutMs,
  lingerMs: 5000,
};

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly timeouts: ConnectionTimeouts;
  readonly origin: Origin;
  /** Asked anew for every request, so that a new table counts from the next one on. */
  readonly route: (host: string, path: string) => Backend | Gated | RedirectTarget | Forbidden | undefined;
}

/** A backend behind a password. */
export interface Gated {
  readonly backend: Backend;
  readonly gate: PasswordGate;
}
