/**
 * What the node asks of the Consul agent beside it: seven calls of its HTTP API. The types say only what is read; names
 * are Consul's own.
 */

/** What an agent says of itself. */
export interface ConsulSelf {
  readonly version: string;
  readonly datacenter: string;
  readonly nodeName: string;
  readonly isServer: boolean;
}

export interface ConsulService {
  readonly ID: string;
  readonly Service: string;
  readonly Tags: readonly string[];
  readonly Meta: Readonly<Record<string, string>>;
  readonly Port: number;
  readonly Address: string;
  readonly EnableTagOverride: boolean;
}

export interface ConsulCheck {
  readonly CheckID: string;
  readonly Name: string;
  readonly Status: ConsulStatus;
  readonly Output: string;
  readonly ServiceID: string;
}

export type ConsulStatus = 'passing' | 'warning' | 'critical';

/** The body of a registration. */
export interface ConsulRegistration {
  readonly ID: string;
  readonly Name: string;
  readonly Tags: readonly string[];
  readonly Meta: Readonly<Record<string, string>>;
  readonly Address: string;
  readonly Port: number;
  readonly EnableTagOverride: boolean;
  readonly Checks: readonly ConsulCheckDefinition[];
}

export interface ConsulCheckDefinition {
  readonly CheckID: string;
  readonly Name: string;
  /** Until its first result. */
  readonly Status: ConsulStatus;
  readonly HTTP?: string;
  readonly Method?: string;
  readonly Header?: Readonly<Record<string, readonly string[]>>;
  readonly Body?: string;
  readonly TCP?: string;
  readonly GRPC?: string;
  readonly GRPCUseTLS?: boolean;
  /** A check whose results are sent; without one for so long it is critical. */
  readonly TTL?: string;
  readonly Interval?: string;
  readonly Timeout?: string;
  readonly TLSSkipVerify?: boolean;
  readonly SuccessBeforePassing?: number;
  readonly FailuresBeforeWarning?: number;
  readonly FailuresBeforeCritical?: number;
}

/** Each call rejects with one sentence that names the agent's address. */
export interface ConsulApi {
  self(signal: AbortSignal): Promise<ConsulSelf>;
  services(signal: AbortSignal): Promise<readonly ConsulService[]>;
  checks(signal: AbortSignal): Promise<readonly ConsulCheck[]>;
  /** Replaces the service of that ID, checks included; what is known of checks that stay is kept. */
  register(service: ConsulRegistration, signal: AbortSignal): Promise<void>;
  deregister(serviceId: string, signal: AbortSignal): Promise<void>;
  /** The result of a check with a TTL. */
  report(checkId: string, status: ConsulStatus, output: string, signal: AbortSignal): Promise<void>;
  /** A service in maintenance is registered, and nobody is sent there. */
  maintain(serviceId: string, isOn: boolean, signal: AbortSignal): Promise<void>;
}
