/** Ours: what `/v1/ingress/status` answers: the routing table beside what every ingress says of it. */
import type { IngressOverride, IngressProblem, Pool, Route } from './ingress.ts';
import type { VersionFigures } from './version-figures.ts';

export interface IngressStatus {
  Ingresses: IngressStanding[];
  Frontends: FrontendStanding[];
  Backends: BackendStanding[];
}

export interface IngressStanding {
  ID: string;
  Name: string;
  DataPlane: string;
  /** It has spoken within its lease. */
  IsPresent: boolean;
  /** The index of the routing table that it has applied. */
  AppliedIndex: number;
  Problems: IngressProblem[];
}

/** One way in. */
export interface FrontendStanding extends Pick<Route, 'Host' | 'Path'> {
  Listen: number;
  Mode: 'http' | 'tcp';
  TLS?: true;
  /** The id of a backend. */
  Backend: string;
}

export interface BackendStanding {
  /** "namespace/job/service". */
  ID: string;
  Pools: PoolStanding[];
}

export interface PoolStanding extends Pick<Pool, 'Name' | 'Group' | 'Weight'> {
  /** Over all ingresses, since each of them started. */
  Requests: number;
  Errors: number;
  InFlight: number;
  /** The same by version, and more of each. */
  Versions: VersionFigures[];
  Servers: ServerStanding[];
}

export interface ServerStanding {
  AllocID: string;
  Address: string;
  Port: number;
  Version: number;
  /** The worst that an ingress that is present says; "unknown": none has said anything. */
  State: 'ready' | 'unhealthy' | 'draining' | 'drained' | 'unknown';
  /** A percentage of an ordinary one's part. */
  Weight: number;
  InFlight: number;
  /** Absent where no data plane counts by instance. */
  Requests?: number;
  /** What somebody set by hand. */
  Override?: IngressOverride;
}
