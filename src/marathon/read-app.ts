/**
 * What somebody sent, with every default filled in: the canonical app. 1.5's `networks` and `container.portMappings`
 * become what 1.4 has in their place. Service ports of 0 stay 0 (see `service-ports.ts`).
 */
import type {
  MarathonApp,
  MarathonContainer,
  MarathonDocker,
  MarathonFetch,
  MarathonHealthCheck,
  MarathonIpAddress,
  MarathonReadinessCheck,
  PortDefinition,
  PortMapping,
} from './app.ts';
import { resolveId, toPath } from './app-id.ts';
import type { AppInput } from './app-schema.ts';

export function readApp(input: AppInput): MarathonApp {
  const id = toPath(input.id ?? '');
  const container = containerOf(input);
  const fetch = fetchOf(input);
  return {
    id,
    cmd: input.cmd ?? null,
    args: input.args ?? null,
    user: input.user ?? null,
    env: textsOf(input.env),
    instances: input.instances ?? 1,
    cpus: input.cpus ?? 1,
    mem: input.mem ?? 128,
    disk: input.disk ?? 0,
    gpus: input.gpus ?? 0,
    executor: input.executor ?? '',
    constraints: input.constraints ?? [],
    uris: fetch.map(({ uri }) => uri),
    fetch,
    storeUrls: input.storeUrls ?? [],
    backoffSeconds: input.backoffSeconds ?? 1,
    backoffFactor: input.backoffFactor ?? 1.15,
    maxLaunchDelaySeconds: input.maxLaunchDelaySeconds ?? 3600,
    container,
    healthChecks: (input.healthChecks ?? []).map(healthCheckOf),
    readinessChecks: (input.readinessChecks ?? []).map(readinessCheckOf),
    dependencies: (input.dependencies ?? []).map((each) => resolveId(each, groupOfApp(id))),
    upgradeStrategy: {
      minimumHealthCapacity: input.upgradeStrategy?.minimumHealthCapacity ?? 1,
      maximumOverCapacity: input.upgradeStrategy?.maximumOverCapacity ?? 1,
    },
    labels: input.labels ?? {},
    ipAddress: ipAddressOf(input),
    residency: null,
    secrets: {},
    taskKillGracePeriodSeconds: input.taskKillGracePeriodSeconds ?? null,
    unreachableStrategy: unreachableOf(input),
    killSelection: isOldestFirst(input) ? 'OLDEST_FIRST' : 'YOUNGEST_FIRST',
    ...(input.acceptedResourceRoles && { acceptedResourceRoles: input.acceptedResourceRoles }),
    ...portsOf(input, container),
  };
}

/**
 * An update of an app: the keys that it has replace those of the app. What says the same in another way goes with it:
 * ports, definitions and mappings; uris and fetch.
 */
export function withUpdate(app: MarathonApp, update: AppInput): AppInput {
  const kept: Record<string, unknown> = { ...app };
  const given = Object.entries(update).filter(([, value]) => value !== undefined);
  const has = (key: keyof AppInput): boolean => update[key] !== undefined;
  if (has('ports') || has('portDefinitions') || has('container') || has('networks') || has('ipAddress')) {
    delete kept.ports;
    if (has('ports') || has('portDefinitions') || isMapped(app)) delete kept.portDefinitions;
  }
  if (has('uris') && !has('fetch')) delete kept.fetch;
  if (has('fetch') && !has('uris')) delete kept.uris;
  return { ...kept, ...Object.fromEntries(given), id: app.id };
}

/** Its ports are those of the container's mappings. */
export const isMapped = ({ container }: Pick<MarathonApp, 'container'>): boolean => {
  const network = container?.docker?.network;
  return network === 'BRIDGE' || network === 'USER';
};

const groupOfApp = (id: string): string => id.slice(0, Math.max(1, id.lastIndexOf('/')));

/** References to secrets are judged before; here they are left out. */
function textsOf(env: AppInput['env']): Record<string, string> {
  const texts = Object.entries(env ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return Object.fromEntries(texts);
}

const isOldestFirst = ({ killSelection }: AppInput): boolean =>
  killSelection === 'OLDEST_FIRST' || killSelection === 'OldestFirst';

function unreachableOf({ unreachableStrategy }: AppInput): MarathonApp['unreachableStrategy'] {
  if (unreachableStrategy === 'disabled') return 'disabled';
  const { inactiveAfterSeconds, expungeAfterSeconds } = unreachableStrategy ?? {};
  const inactive = inactiveAfterSeconds ?? 0;
  return { inactiveAfterSeconds: inactive, expungeAfterSeconds: expungeAfterSeconds ?? inactive };
}

const ARCHIVE = /\.(tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz|zip|tar)$/;

function fetchOf({ uris, fetch }: AppInput): MarathonFetch[] {
  if (fetch && fetch.length > 0) {
    return fetch.map(({ uri, extract, executable, cache }) => ({
      uri,
      extract: extract ?? true,
      executable: executable ?? false,
      cache: cache ?? false,
    }));
  }
  return (uris ?? []).map((uri) => ({ uri, extract: ARCHIVE.test(uri), executable: false, cache: false }));
}

/** 1.5 says it beside the container. */
function networkOf(input: AppInput): MarathonDocker['network'] {
  const mode = input.networks?.[0]?.mode;
  if (mode === 'container/bridge') return 'BRIDGE';
  if (mode === 'container') return 'USER';
  if (mode === 'host') return 'HOST';
  return input.container?.docker?.network ?? null;
}

function containerOf(input: AppInput): MarathonContainer | null {
  const { container } = input;
  if (!container) return null;
  const { docker } = container;
  const volumes = (container.volumes ?? []).map((volume) => ({
    containerPath: volume.containerPath ?? '',
    hostPath: volume.hostPath ?? '',
    mode: volume.mode ?? ('RW' as const),
  }));
  const type = container.type ?? (docker ? 'DOCKER' : 'MESOS');
  if (!docker) return { type, volumes };
  const mappings = docker.portMappings ?? container.portMappings ?? [];
  return {
    type,
    volumes,
    docker: {
      image: docker.image ?? '',
      network: networkOf(input),
      portMappings: mappings.map(mappingOf),
      privileged: docker.privileged ?? false,
      parameters: docker.parameters ?? [],
      forcePullImage: docker.forcePullImage ?? false,
    },
  };
}

type MappingInput = NonNullable<NonNullable<NonNullable<AppInput['container']>['portMappings']>[number]>;

const mappingOf = (mapping: MappingInput): PortMapping => ({
  containerPort: mapping.containerPort ?? 0,
  hostPort: mapping.hostPort ?? 0,
  servicePort: mapping.servicePort ?? 0,
  protocol: mapping.protocol ?? 'tcp',
  ...(mapping.name && { name: mapping.name }),
  labels: mapping.labels ?? {},
});

/** Both forms of the service ports; neither where each task has an address of its own. */
function portsOf(
  input: AppInput,
  container: MarathonContainer | null,
): Pick<MarathonApp, 'ports' | 'portDefinitions' | 'requirePorts'> {
  const isPerTask = input.ipAddress != null && container?.docker?.network !== 'BRIDGE';
  if (isPerTask) return {};
  const portDefinitions = isMapped({ container })
    ? (container?.docker?.portMappings ?? []).map(definitionOfMapping)
    : definitionsOf(input);
  return { ports: portDefinitions.map(({ port }) => port), portDefinitions, requirePorts: input.requirePorts ?? false };
}

export const definitionOfMapping = ({ servicePort, protocol, name, labels }: PortMapping): PortDefinition => ({
  port: servicePort,
  protocol,
  ...(name && { name }),
  labels,
});

/** Those of a container that runs on the host's network say the same as definitions do. */
function definitionsOf({ portDefinitions, ports, container }: AppInput): PortDefinition[] {
  if (portDefinitions) {
    return portDefinitions.map(({ port, protocol, name, labels }) => ({
      port: port ?? 0,
      protocol: protocol ?? 'tcp',
      ...(name && { name }),
      labels: labels ?? {},
    }));
  }
  if (ports) return ports.map((port) => ({ port, protocol: 'tcp', labels: {} }));
  const mappings = container?.portMappings ?? container?.docker?.portMappings ?? [];
  if (mappings.length > 0) return mappings.map((mapping) => definitionOfMapping(mappingOf(mapping)));
  return [{ port: 0, protocol: 'tcp', name: 'default', labels: {} }];
}

type HealthCheckInput = NonNullable<AppInput['healthChecks']>[number];

function healthCheckOf(check: HealthCheckInput): MarathonHealthCheck {
  const protocol = check.protocol ?? 'HTTP';
  const isHttp = protocol.includes('HTTP');
  const isOfAPort = protocol !== 'COMMAND';
  return {
    protocol,
    gracePeriodSeconds: check.gracePeriodSeconds ?? 300,
    intervalSeconds: check.intervalSeconds ?? 60,
    timeoutSeconds: check.timeoutSeconds ?? 20,
    maxConsecutiveFailures: check.maxConsecutiveFailures ?? 3,
    ...(isHttp && { path: check.path ?? '/', ignoreHttp1xx: check.ignoreHttp1xx ?? false }),
    ...(isOfAPort && check.port == null && { portIndex: check.portIndex ?? 0 }),
    ...(isOfAPort && check.port != null && { port: check.port }),
    ...(check.command && { command: check.command }),
    ...(protocol.startsWith('MESOS') && { delaySeconds: check.delaySeconds ?? 15 }),
  };
}

type ReadinessInput = NonNullable<AppInput['readinessChecks']>[number];

const readinessCheckOf = (check: ReadinessInput): MarathonReadinessCheck => ({
  name: check.name ?? 'readinessCheck',
  protocol: check.protocol ?? 'HTTP',
  path: check.path ?? '/',
  portName: check.portName ?? 'http-api',
  intervalSeconds: check.intervalSeconds ?? 30,
  timeoutSeconds: check.timeoutSeconds ?? 10,
  httpStatusCodesForReady: check.httpStatusCodesForReady ?? [200],
  preserveLastResponse: check.preserveLastResponse ?? false,
});

function ipAddressOf({ ipAddress, networks, container }: AppInput): MarathonIpAddress | null {
  const named = networks?.find(({ mode }) => mode === 'container');
  if (!ipAddress && !(named && container?.docker)) return null;
  const networkName = ipAddress?.networkName ?? named?.name;
  return {
    groups: ipAddress?.groups ?? [],
    labels: ipAddress?.labels ?? {},
    discovery: {
      ports: (ipAddress?.discovery?.ports ?? []).map(({ number, name, protocol, labels }) => ({
        number,
        name,
        protocol: protocol ?? 'tcp',
        labels: labels ?? {},
      })),
    },
    ...(networkName && { networkName }),
  };
}
