/**
 * The shapes of what people send: Marathon 1.4's and, where they differ, those of 1.5 and later. Types only: whether the
 * values make sense is judged in `validate-app.ts`.
 */
import { z } from 'zod';
import { HEALTH_PROTOCOLS } from './app.ts';

const text = z.string();
const integer = z.int();
const labels = z.record(z.string(), z.string());
/** Numbers and truth values in `env` are taken for their text; a secret's reference is judged later. */
const envValue = z.union([z.string(), z.number().transform(String), z.boolean().transform(String), z.looseObject({})]);

/** Absent and null are the same to Marathon. */
const maybe = <T extends z.ZodType>(type: T) => type.nullish();

const portMapping = z.object({
  containerPort: maybe(integer),
  hostPort: maybe(integer),
  servicePort: maybe(integer),
  protocol: maybe(text),
  name: maybe(text),
  labels: maybe(labels),
  networkNames: maybe(z.array(text)),
});

const healthCheck = z.object({
  protocol: maybe(z.enum(HEALTH_PROTOCOLS)),
  path: maybe(text),
  portIndex: maybe(integer),
  port: maybe(integer),
  command: maybe(z.object({ value: text })),
  gracePeriodSeconds: maybe(z.number()),
  intervalSeconds: maybe(z.number()),
  timeoutSeconds: maybe(z.number()),
  maxConsecutiveFailures: maybe(integer),
  ignoreHttp1xx: maybe(z.boolean()),
  delaySeconds: maybe(z.number()),
  ipProtocol: maybe(text),
});
const healthChecks = maybe(z.array(healthCheck));

const docker = z.object({
  image: maybe(text),
  network: maybe(z.enum(['HOST', 'BRIDGE', 'USER', 'NONE'])),
  portMappings: maybe(z.array(portMapping)),
  privileged: maybe(z.boolean()),
  parameters: maybe(z.array(z.object({ key: text, value: text }))),
  forcePullImage: maybe(z.boolean()),
  pullConfig: maybe(z.looseObject({})),
  credential: maybe(z.looseObject({})),
  /** Where seed files have them; Marathon drops them there. */
  healthChecks,
});

const volume = z.looseObject({ containerPath: maybe(text), hostPath: maybe(text), mode: maybe(z.enum(['RO', 'RW'])) });

const container = z.object({
  type: maybe(z.enum(['DOCKER', 'MESOS'])),
  docker: maybe(docker),
  volumes: maybe(z.array(volume)),
  portMappings: maybe(z.array(portMapping)),
  linuxInfo: maybe(z.looseObject({})),
  healthChecks,
});

const readinessCheck = z.object({
  name: maybe(text),
  protocol: maybe(z.enum(['HTTP', 'HTTPS'])),
  path: maybe(text),
  portName: maybe(text),
  intervalSeconds: maybe(z.number()),
  timeoutSeconds: maybe(z.number()),
  httpStatusCodesForReady: maybe(z.array(integer)),
  preserveLastResponse: maybe(z.boolean()),
});

const discoveryPort = z.object({ number: integer, name: text, protocol: maybe(text), labels: maybe(labels) });

export const appSchema = z.object({
  id: maybe(text),
  cmd: maybe(text),
  args: maybe(z.array(text)),
  user: maybe(text),
  env: maybe(z.record(z.string(), envValue)),
  instances: maybe(integer),
  cpus: maybe(z.number()),
  mem: maybe(z.number()),
  disk: maybe(z.number()),
  gpus: maybe(z.number()),
  executor: maybe(text),
  constraints: maybe(z.array(z.array(text))),
  uris: maybe(z.array(text)),
  fetch: maybe(
    z.array(
      z.object({
        uri: text,
        extract: maybe(z.boolean()),
        executable: maybe(z.boolean()),
        cache: maybe(z.boolean()),
        destPath: maybe(text),
      }),
    ),
  ),
  storeUrls: maybe(z.array(text)),
  backoffSeconds: maybe(z.number()),
  backoffFactor: maybe(z.number()),
  maxLaunchDelaySeconds: maybe(z.number()),
  container: maybe(container),
  healthChecks,
  readinessChecks: maybe(z.array(readinessCheck)),
  dependencies: maybe(z.array(text)),
  upgradeStrategy: maybe(
    z.object({ minimumHealthCapacity: maybe(z.number()), maximumOverCapacity: maybe(z.number()) }),
  ),
  labels: maybe(labels),
  ipAddress: maybe(
    z.object({
      groups: maybe(z.array(text)),
      labels: maybe(labels),
      discovery: maybe(z.object({ ports: maybe(z.array(discoveryPort)) })),
      networkName: maybe(text),
    }),
  ),
  networks: maybe(z.array(z.object({ mode: maybe(text), name: maybe(text), labels: maybe(labels) }))),
  residency: maybe(z.looseObject({})),
  secrets: maybe(z.record(z.string(), z.looseObject({}))),
  taskKillGracePeriodSeconds: maybe(z.number()),
  unreachableStrategy: maybe(
    z.union([
      z.literal('disabled'),
      z.object({ inactiveAfterSeconds: maybe(z.number()), expungeAfterSeconds: maybe(z.number()) }),
    ]),
  ),
  killSelection: maybe(z.enum(['YOUNGEST_FIRST', 'OLDEST_FIRST', 'YoungestFirst', 'OldestFirst'])),
  acceptedResourceRoles: maybe(z.array(text)),
  ports: maybe(z.array(integer)),
  portDefinitions: maybe(
    z.array(z.object({ port: maybe(integer), protocol: maybe(text), name: maybe(text), labels: maybe(labels) })),
  ),
  requirePorts: maybe(z.boolean()),
});

/** What somebody sent, of the right types. */
export type AppInput = z.infer<typeof appSchema>;

/** Keys that Marathon itself writes into an app: whoever reads one and sends it back brings them along. */
export const READ_ONLY_KEYS: ReadonlySet<string> = new Set([
  'version',
  'versionInfo',
  'tasks',
  'tasksStaged',
  'tasksRunning',
  'tasksHealthy',
  'tasksUnhealthy',
  'deployments',
  'lastTaskFailure',
  'readinessCheckResults',
  'taskStats',
]);
