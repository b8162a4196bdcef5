/**
 * Ours: what `/v1/ingress/pulse` says whenever it changes: who gets which share of a service's requests, and the counts
 * so far, from whose differences a reader makes rates. Counts go down when an ingress starts anew.
 */
import type { Pool } from './ingress.ts';
import type { ServerStanding } from './ingress-status.ts';

export interface IngressPulse {
  /** Milliseconds since the epoch, by the server's clock. */
  AtMs: number;
  Backends: BackendPulse[];
}

export interface BackendPulse {
  /** "namespace/job/service". */
  ID: string;
  /** Requests that reached no instance. */
  Unserved: number;
  Pools: PoolPulse[];
}

export interface PoolPulse extends Pick<Pool, 'Name' | 'Group' | 'Weight'> {
  Versions: VersionPulse[];
  /** Where the reader asked for one job. */
  Servers?: Pick<ServerStanding, 'AllocID' | 'Version' | 'State' | 'Weight' | 'InFlight'>[];
}

export interface VersionPulse {
  Version: number;
  Requests: number;
  Errors: number;
  InFlight: number;
  BytesIn: number;
  BytesOut: number;
  /** By `LATENCY_BOUNDS_MS`; empty where no data plane can tell. */
  Latency: number[];
}
