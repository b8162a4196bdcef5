/**
 * A Marathon app in canonical form: the keys and defaults of Marathon 1.4, every default filled in. What people send may
 * lack any key and may be of 1.5 and later; `read-app.ts` makes one of these of it. It is kept with the job that it became,
 * so what was put comes back as Marathon would answer it.
 */

export interface MarathonApp {
  id: string;
  cmd: string | null;
  args: string[] | null;
  user: string | null;
  env: Record<string, string>;
  instances: number;
  cpus: number;
  mem: number;
  disk: number;
  gpus: number;
  executor: string;
  /** Each of two or three texts: field, operator, value. */
  constraints: string[][];
  uris: string[];
  fetch: MarathonFetch[];
  storeUrls: string[];
  backoffSeconds: number;
  backoffFactor: number;
  maxLaunchDelaySeconds: number;
  container: MarathonContainer | null;
  healthChecks: MarathonHealthCheck[];
  readinessChecks: MarathonReadinessCheck[];
  dependencies: string[];
  upgradeStrategy: UpgradeStrategy;
  labels: Record<string, string>;
  ipAddress: MarathonIpAddress | null;
  residency: null;
  secrets: Record<string, never>;
  taskKillGracePeriodSeconds: number | null;
  unreachableStrategy: UnreachableStrategy | 'disabled';
  killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST';
  acceptedResourceRoles?: string[];
  /** Service ports, one for each port definition or mapping; absent where each task has an address of its own. */
  ports?: number[];
  portDefinitions?: PortDefinition[];
  requirePorts?: boolean;
}

export interface MarathonFetch {
  uri: string;
  extract: boolean;
  executable: boolean;
  cache: boolean;
}

export interface MarathonContainer {
  type: 'DOCKER' | 'MESOS';
  volumes: MarathonVolume[];
  docker?: MarathonDocker;
}

export interface MarathonVolume {
  containerPath: string;
  hostPath: string;
  mode: 'RO' | 'RW';
}

export interface MarathonDocker {
  image: string;
  network: 'HOST' | 'BRIDGE' | 'USER' | 'NONE' | null;
  portMappings: PortMapping[];
  privileged: boolean;
  parameters: { key: string; value: string }[];
  forcePullImage: boolean;
}

export interface PortMapping {
  containerPort: number;
  /** 0: one that the node chooses. */
  hostPort: number;
  /** 0: the first that no app uses. */
  servicePort: number;
  protocol: string;
  name?: string;
  labels: Record<string, string>;
}

export interface PortDefinition {
  /** The service port; 0: the first that no app uses. */
  port: number;
  protocol: string;
  name?: string;
  labels: Record<string, string>;
}

export const HEALTH_PROTOCOLS = ['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'] as const;
export type HealthProtocol = (typeof HEALTH_PROTOCOLS)[number];

export interface MarathonHealthCheck {
  protocol: HealthProtocol;
  gracePeriodSeconds: number;
  intervalSeconds: number;
  timeoutSeconds: number;
  /** 0: an instance is never killed for it. */
  maxConsecutiveFailures: number;
  path?: string;
  portIndex?: number;
  /** Wins over `portIndex`. */
  port?: number;
  ignoreHttp1xx?: boolean;
  command?: { value: string };
  delaySeconds?: number;
}

export interface MarathonReadinessCheck {
  name: string;
  protocol: 'HTTP' | 'HTTPS';
  path: string;
  portName: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  httpStatusCodesForReady: number[];
  preserveLastResponse: boolean;
}

/** Both from 0 to 1, shares of `instances`. */
export interface UpgradeStrategy {
  minimumHealthCapacity: number;
  maximumOverCapacity: number;
}

export interface MarathonIpAddress {
  groups: string[];
  labels: Record<string, string>;
  discovery: { ports: { number: number; name: string; protocol: string; labels: Record<string, string> }[] };
  networkName?: string;
}

export interface UnreachableStrategy {
  inactiveAfterSeconds: number;
  expungeAfterSeconds: number;
}
