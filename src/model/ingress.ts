/**
 * Ours: an ingress as the server knows it, and what server and ingress tell each other.
 * An ingress holds a lease; one that missed it stays owing until it comes back, leaves, or is forgotten.
 */

import type { IngressUser } from './ingress-users.ts';

export interface IngressNode {
  ID: string;
  Name: string;
  /** "embedded" or "haproxy". */
  DataPlane: string;
  /** Milliseconds since the epoch until which its word counts as current. */
  LeaseUntilMs: number;
  /** The index of the routing table that it has applied. */
  AppliedIndex: number;
  /** What it says of each instance that it knows. Kept in memory only; after a restart each ingress says it again. */
  Servers: Record<string, IngressServerStatus>;
  CreateIndex: number;
  ModifyIndex: number;
}

export interface IngressServerStatus {
  /** "ready": in the table and healthy from here; "unhealthy"; "draining": no new request; "drained": and none in flight. */
  State: 'ready' | 'unhealthy' | 'draining' | 'drained';
  InFlight: number;
  /** Since the ingress's process first knew it. */
  Requests?: number;
}

/** What an ingress sends, on every change and at least every 2 s. Keys of Servers: `serverKey`. */
export interface IngressReport {
  ID: string;
  Name: string;
  DataPlane: string;
  /** When its process started: its figures count from then. */
  StartedMs?: number;
  AppliedIndex: number;
  Servers: Record<string, IngressServerStatus>;
  /** What keeps it from doing its work. */
  Problems?: IngressProblem[];
  /** Requests by backend, pool and version since its process started. */
  Figures?: IngressFigure[];
}

/** A port on which it cannot listen, in words that go on after "the ingress …". */
export interface IngressProblem {
  Listen: number;
  Message: string;
}

/** One line of an ingress's figures; the counts only grow until its process starts anew. */
export interface IngressFigure {
  /** "namespace/job/service". */
  Backend: string;
  /** "stable" or "canary"; "none": requests that reached no instance. */
  Pool: string;
  Version: number;
  Requests: number;
  /** Answers of 500 and above, and requests that were cut. */
  Errors: number;
  InFlight: number;
  /** What clients sent, and what came of the instances: heads and bodies. Absent: not counted. */
  BytesIn?: number;
  BytesOut?: number;
  /**
   * From the whole request to the first byte of its answer (to its end where none came): how many took so long, by
   * `LATENCY_BOUNDS_MS`, without the zeros at the end; and all of them together. Absent: the data plane cannot tell.
   */
  Latency?: number[];
  LatencySumMs?: number;
}

/** What an ingress is told: everything it needs to route, at one index. It keeps the last one it knew on disk. */
export interface RoutingTable {
  Index: number;
  Frontends: Frontend[];
  /** Routes that more than one backend claims: who has it, and who was left out. */
  Conflicts?: RouteConflict[];
}

export interface RouteConflict {
  Listen: number;
  Host: string;
  Path: string;
  /** The backend that keeps the route. */
  Backend: string;
  /** The backend that does not get it. */
  LeftOut: string;
}

/**
 * One port of the ingress. What concerns the port and not a job (which certificates there are, whose `X-Forwarded-*` and
 * PROXY headers are believed, how slow a client may be) is the ingress's own configuration: `ingress/settings.ts`.
 */
export interface Frontend {
  Listen: number;
  Mode: 'http' | 'tcp';
  /** TLS ends here; in mode "tcp" as well. All services of a port agree about it. */
  TLS?: true;
  /** In the order in which they are tried (`compareRoutes`). Mode "tcp": exactly one. May be empty beside `Redirects`. */
  Routes: Route[];
  /** Mode "http" without TLS: requests that are sent to a port with TLS. Tried together with `Routes`, in the same order. */
  Redirects?: Redirect[];
}

export interface Route {
  Host: string;
  Path: string;
  Backend: Backend;
  /** Who comes without one of these passwords gets 401. All routes of a port to one backend agree about it. */
  Auth?: RouteAuth;
}

export interface RouteAuth {
  Realm: string;
  Users: IngressUser[];
}

/** Answered with 308 and the same URL as "https", at `Port` (which the URL leaves out where it is 443). */
export interface Redirect {
  Host: string;
  Path: string;
  Port: number;
}

/** The instances of the services of one name in a job. */
export interface Backend {
  /** "namespace/job/service"; "namespace/job/service/preview". */
  ID: string;
  Service: string;
  /** It leads to canaries alone, whatever their weight; whether an instance is ready is not for it to say. */
  IsPreview?: boolean;
  /** How long a request waits while no instance is ready; then 503 with `Retry-After`. 0: not at all. */
  HoldMs: number;
  /** How many may wait at a time, on each ingress; absent: no limit but the ingress's own. */
  HoldLimit?: number;
  DrainDeadlineMs: number;
  /** Addresses and networks that may come in; others get 403, in mode "tcp" the end of their connection. Absent: all. */
  AllowFrom?: string[];
  /** Answers over TLS say that clients are to come by it alone for so long, unless the instance says something of it. */
  HstsSeconds?: number;
  /** From the whole request to the first byte of the answer; then 504. Absent: `REQUEST_TIMEOUT_MS`; 0: no limit. */
  RequestTimeoutMs?: number;
  /** Without a byte either way, once the answer (or a tunnel, or a TCP connection) has begun. Absent: `IDLE_TIMEOUT_MS`; 0: none. */
  IdleTimeoutMs?: number;
  /**
   * Sticky clients: the name of the cookie, set for the whole host ("Path=/; HttpOnly; SameSite=Lax", "Secure" with TLS).
   * Its value is `stickyValue` of the instance (`ingress/sticky.ts`), the same from every ingress and data plane. A value
   * whose instance takes no request any more counts as none: another one is chosen, and the cookie is set anew.
   */
  StickyCookie?: string;
  /**
   * Who of a pool is next. Absent: whoever has the fewest requests in flight, by turns among equals. "source": the same
   * for the same client's address, for as long as that one takes requests; when one comes or goes, few clients move.
   */
  Balance?: 'roundrobin' | 'source';
  /**
   * The name of a header, and of a cookie, by which a request says "always" (to a canary that is ready, whatever its
   * weight) or "never" (to the stable pool alone, for which it waits). The header's word counts first.
   */
  CanaryHeader?: string;
  CanaryCookie?: string;
  /** The name of the cookie by which a user stays with a version while canaries have a share (`ingress/trial.ts`). */
  TrialCookie?: string;
  Pools: Pool[];
  /** The check that the ingress makes itself; null: connecting is enough. */
  Check: BackendCheck | null;
}

export interface BackendCheck {
  Type: 'http' | 'tcp';
  Path: string;
  Method: string;
  IntervalMs: number;
  TimeoutMs: number;
}

export interface Pool {
  Name: 'stable' | 'canary';
  /** Whose canaries they are: each group has a canary pool of its own. */
  Group?: string;
  /** Of all requests of the backend, 0 to 100. */
  Weight: number;
  Servers: BackendServer[];
}

export interface BackendServer {
  AllocID: string;
  Address: string;
  Port: number;
  /** The job version, for figures per version. */
  Version: number;
  /** "ready": may get new requests; "draining": may not. */
  State: 'ready' | 'draining';
  /** What it gets beside the others of its pool, as a percentage of an ordinary one's part; absent: 100. 0: nothing new. */
  Weight?: number;
  /** Draining, but kept: nobody is about to stop it, so what is in flight has all the time it wants. */
  IsKept?: true;
  /** Where this version is checked in another way than its backend says. */
  Check?: BackendCheck | null;
  /** It speaks HTTP/2 without TLS; absent: HTTP/1.1. Of the instance, since versions of a service may differ in it. */
  Protocol?: 'h2c';
  /** Connections to it begin with a PROXY header of this version that names the client; those of checks name nobody. */
  SendProxy?: 'v1' | 'v2';
}

/** What somebody asked of the ingresses for one instance, by hand; absent keys: what the routing table says anyway. */
export interface IngressOverride {
  /** It gets nothing new, whatever its health; what is in flight ends. */
  Drained?: true;
  /** See `BackendServer.Weight`. */
  Weight?: number;
  /** Backends ("namespace/job/service") that it stands behind beside its own, in their stable pool. */
  Backends?: string[];
}

/** Where a service does not say it itself. */
export const REQUEST_TIMEOUT_MS = 5 * 60_000;
export const IDLE_TIMEOUT_MS = 60 * 60_000;

/** One server of an allocation: the same allocation may stand behind several services. */
export const serverKey = (allocId: string, port: number): string => `${allocId}:${port}`;
