/** Services of a group or task, their checks, and where their traffic comes in. */
import type { Nanos } from './nanos.ts';

export interface CheckRestart {
  Limit: number;
  Grace: Nanos;
  IgnoreWarnings: boolean;
}

export interface ServiceCheck {
  Name: string;
  /** "http", "tcp", "script" or "grpc". */
  Type: string;
  Command: string;
  Args: string[] | null;
  Path: string;
  Protocol: string;
  PortLabel: string;
  Expose: boolean;
  AddressMode: string;
  Interval: Nanos;
  Timeout: Nanos;
  InitialStatus: string;
  TLSSkipVerify: boolean;
  Method: string;
  Header: Record<string, string[]> | null;
  CheckRestart: CheckRestart | null;
  GRPCService: string;
  GRPCUseTLS: boolean;
  TaskName: string;
  SuccessBeforePassing: number;
  FailuresBeforeCritical: number;
  /** Not of the wire that 1.1.2 speaks; absent: 0. */
  FailuresBeforeWarning?: number;
  Body: string;
  OnUpdate: string;
  /** Ours: the statuses with which an http check passes, "200-299,401"; absent: 200 to 299. */
  SuccessCodes?: string;
  /**
   * Ours: it says when an instance is ready: made until it passes, and then no more while the task runs. Until then the
   * deployment waits, and no request comes.
   */
  Readiness?: boolean;
  /** Ours: so long after its task has started it is made for the first time; absent: at once. */
  InitialDelay?: Nanos;
  /** Ours: of an http check that gets an answer of 100 to 199 and no other, nothing is counted; absent: it fails. */
  Ignore1xx?: boolean;
}

/**
 * Ours: one way in. A service may have several. Keys that are optional are absent where the job says nothing.
 * What describes the instances and how long they are waited for is the same in all ways in of a service (validated).
 */
export interface ServiceIngress {
  /** The port of the ingress on which requests arrive. */
  Listen: number;
  /** "" accepts every host; "*.example.com" matches one label or more. */
  Host: string;
  /** A path prefix; "/" accepts all. */
  Path: string;
  /** "http" or "tcp". */
  Mode: string;
  /** The port speaks TLS, which ends at the ingress; the certificate is chosen by the name that the client asks for. */
  TLS?: boolean;
  /** A port without TLS whose requests for this host and path are sent here (308); needs `TLS`. */
  RedirectListen?: number;
  /** What the instances speak: "http" (HTTP/1.1; the default) or "h2c" (HTTP/2 without TLS, as gRPC servers do). */
  Protocol?: string;
  /** "v1" or "v2": each connection to an instance begins with a PROXY header that names the client. */
  SendProxy?: string;
  /** "cookie": a client's requests go to the same instance for as long as that one takes requests. */
  Sticky?: string;
  /** The cookie's name; absent: one that the service alone has. */
  StickyCookie?: string;
  /** Who of the instances is next: "leastconn" (the default), "roundrobin", or "source": the same for the same address. */
  Balance?: string;
  /** A header of requests: "always" leads to a canary whatever their weight, "never" past them. */
  CanaryHeader?: string;
  /** A cookie that says the same; the header's word counts first. */
  CanaryCookie?: string;
  /** While canaries have a share, a user stays with the version that they came to first: by a cookie. */
  CanarySticky?: boolean;
  /** Addresses and networks that may come in, with blanks between: "10.1.0.0/16 10.2.0.5". Others get 403. Absent: all. */
  AllowFrom?: string;
  /** Who may come in by a password (`ingress-users.ts`): "alice:$6$… bob:$5$…". Others get 401. Absent: none is asked for. */
  AuthUsers?: string;
  /** What users read where they are asked for their password; absent: the name of the service. */
  AuthRealm?: string;
  /** For how long browsers are to come by TLS alone (`Strict-Transport-Security`), said in answers over TLS. Absent: not said. */
  HSTS?: Nanos;
  /** From the whole request to the first byte of the answer; then 504. Absent: 5 minutes; 0: no limit. */
  RequestTimeout?: Nanos;
  /** How long an answer, a WebSocket or a TCP connection may go without a byte. Absent: an hour; 0: no limit. */
  IdleTimeout?: Nanos;
  /** How long a draining instance may take to finish what is in flight. */
  DrainDeadline: Nanos;
  /** "wait" or "proceed": what an ingress that cannot be reached means for a drain. */
  DrainPolicy: string;
  /** How long a request waits while no instance is ready. */
  Hold: Nanos;
  /** How many requests may wait at a time; absent: as many as the ingress holds for all services. */
  HoldLimit?: number;
  /** A port of the ingress that leads to the canaries alone, whatever their weight; absent: none. */
  PreviewListen?: number;
  /** A host on `Listen` that leads to the canaries alone; absent: none. */
  PreviewHost?: string;
}

export interface Service {
  Name: string;
  TaskName: string;
  PortLabel: string;
  AddressMode: string;
  EnableTagOverride: boolean;
  Tags: string[] | null;
  CanaryTags: string[] | null;
  Checks: ServiceCheck[] | null;
  Connect: unknown;
  Meta: Record<string, string> | null;
  CanaryMeta: Record<string, string> | null;
  Namespace: string;
  OnUpdate: string;
  /** "serin" (the built-in registry; "nomad" is accepted and means the same) or "consul". */
  Provider?: string;
  /** Ours. */
  Ingress?: ServiceIngress[];
}
