/** What a service of the simulation is like: drawn from the seed, then written as a job file would say it. */
import { type Random, randomInt } from '../src/lib/random.ts';
import type { JobRequest } from '../src/model/job.ts';
import { SECOND } from '../src/model/nanos.ts';

export const JOB_ID = 'web';

export interface GroupSpec {
  readonly name: string;
  /** Groups of one service are one backend to the traffic. */
  readonly service: string;
  readonly listen: number;
  readonly count: number;
  readonly hasIngress: boolean;
  readonly hasPreview: boolean;
  readonly update: UpdateSpec;
  readonly migrateMaxParallel: number;
  readonly reschedule: 'none' | 'few' | 'unlimited';
  /** How long instances of a lost node are waited for; undefined: not at all. */
  readonly disconnect?: DisconnectSpec;
}

export interface UpdateSpec {
  readonly maxParallel: number;
  /** "count": as many as instances, which is blue/green. */
  readonly canary: number | 'count';
  readonly canaryWeight: number | undefined;
  readonly autoPromote: boolean;
  readonly autoRevert: boolean;
  readonly maxSurge: number | undefined;
  readonly keepWarmSeconds: number;
  readonly healthCheck: 'checks' | 'task_states' | 'manual';
  readonly minHealthySeconds: number;
  readonly progressSeconds: number;
  readonly intervalSeconds: number;
}

export interface DisconnectSpec {
  /** undefined: for ever. */
  readonly lostAfterSeconds: number | undefined;
  /** undefined: none takes its place before it is forgotten. */
  readonly replaceAfterSeconds: number | undefined;
  readonly reconcile: string;
}

export interface JobSpec {
  readonly groups: readonly GroupSpec[];
}

const HEALTHY_DEADLINE_SECONDS = 12;
const MAX_COUNT = 8;

export function drawSpec(random: Random, ingresses: number): JobSpec {
  const hasIngress = ingresses > 0 || chance(random, 0.5);
  const first = drawGroup(random, { name: 'app', service: 'web', listen: 8080, hasIngress });
  if (chance(random, 0.7)) return { groups: [first] };
  const isKin = chance(random, 0.5);
  const [service, listen] = isKin ? ['web', 8080] : ['api', 8081];
  return { groups: [first, drawGroup(random, { name: 'side', service, listen, hasIngress })] };
}

/** Some groups wait for instances of lost nodes. Drawn beside all else: a world without such a group is as it always was. */
export function drawDisconnects(random: Random, { groups }: JobSpec): JobSpec {
  return {
    groups: groups.map((group) => (chance(random, 0.3) ? { ...group, disconnect: drawDisconnect(random) } : group)),
  };
}

function drawDisconnect(random: Random): DisconnectSpec {
  return {
    ...drawAbsence(random),
    reconcile: oneOf(random, ['keep_original', 'keep_original', 'keep_replacement', 'longest_running']),
  };
}

/** A node is given up after 20 s, and is away for 40 s at most unless it never comes back. */
export function drawAbsence(random: Random): Omit<DisconnectSpec, 'reconcile'> {
  const lostAfterSeconds = oneOf(random, [undefined, 4, 12, 25, 60]);
  const drawn = oneOf(random, [undefined, 0, 3, 8]);
  const isTooLate = lostAfterSeconds !== undefined && (drawn ?? 0) > lostAfterSeconds;
  return { lostAfterSeconds, replaceAfterSeconds: isTooLate ? undefined : drawn };
}

/** What is waited for for ever keeps a world from coming to rest. */
export function withEndOfWait({ groups }: JobSpec): JobSpec {
  return {
    groups: groups.map((group) =>
      group.disconnect ? { ...group, disconnect: { ...group.disconnect, lostAfterSeconds: 60 } } : group,
    ),
  };
}

/** The same service with another way of updating it. */
export function redrawUpdates(random: Random, spec: JobSpec): JobSpec {
  return { groups: spec.groups.map((group) => ({ ...group, update: drawUpdate(random, group.count) })) };
}

export function withCount(spec: JobSpec, groupName: string, count: number): JobSpec {
  return { groups: spec.groups.map((group) => (group.name === groupName ? { ...group, count } : group)) };
}

export const drawCount = (random: Random): number => randomInt(random, MAX_COUNT + 1);

/** "app 4 (max_parallel 2, canary 1, …)" */
export function specInWords({ groups }: JobSpec): string {
  return groups.map((group) => `${group.name} ${group.count} (${updateInWords(group)})`).join('; ');
}

export function jobRequest(release: number, spec: JobSpec): JobRequest {
  return {
    ID: JOB_ID,
    Name: JOB_ID,
    Type: 'service',
    Datacenters: ['dc1'],
    Meta: { release: String(release) },
    TaskGroups: spec.groups.map(groupRequest),
  };
}

function drawGroup(random: Random, fields: Pick<GroupSpec, 'name' | 'service' | 'listen' | 'hasIngress'>): GroupSpec {
  const count = 1 + randomInt(random, MAX_COUNT);
  return {
    ...fields,
    count,
    hasPreview: fields.hasIngress && chance(random, 0.3),
    update: drawUpdate(random, count),
    migrateMaxParallel: 1 + randomInt(random, 3),
    reschedule: oneOf(random, ['none', 'few', 'unlimited', 'unlimited']),
  };
}

function drawUpdate(random: Random, count: number): UpdateSpec {
  const canary = drawCanary(random, count);
  const hasCanaries = canary !== 0;
  const maxParallel = chance(random, 0.07) ? 0 : 1 + randomInt(random, 3);
  return {
    canary,
    maxParallel,
    canaryWeight: hasCanaries && chance(random, 0.25) ? oneOf(random, [0, 5, 50, 100]) : undefined,
    autoPromote: hasCanaries && chance(random, 0.3),
    autoRevert: chance(random, 0.4),
    maxSurge: maxParallel > 0 && chance(random, 0.25) ? 1 + randomInt(random, 3) : undefined,
    keepWarmSeconds: canary === 'count' && chance(random, 0.4) ? 5 + randomInt(random, 56) : 0,
    healthCheck: oneOf(random, ['checks', 'checks', 'checks', 'checks', 'checks', 'checks', 'task_states', 'manual']),
    minHealthySeconds: 1 + randomInt(random, 3),
    progressSeconds: oneOf(random, [20, 30, 40, 60, 60, 120, 0]),
    intervalSeconds: chance(random, 0.15) ? 1 + randomInt(random, 10) : 0,
  };
}

function drawCanary(random: Random, count: number): UpdateSpec['canary'] {
  const roll = random.next();
  if (roll < 0.4) return 0;
  if (roll < 0.7) return 'count';
  return 1 + randomInt(random, Math.max(1, count - 1));
}

function updateInWords({ update, migrateMaxParallel, reschedule, service, hasIngress, disconnect }: GroupSpec): string {
  const words = [
    `max_parallel ${update.maxParallel}`,
    update.canary !== 0 && `canary ${update.canary}`,
    update.canaryWeight !== undefined && `canary_weight ${update.canaryWeight}`,
    update.autoPromote && 'auto_promote',
    update.autoRevert && 'auto_revert',
    update.maxSurge !== undefined && `max_surge ${update.maxSurge}`,
    update.keepWarmSeconds > 0 && `keep_warm ${update.keepWarmSeconds}s`,
    update.healthCheck !== 'checks' && update.healthCheck,
    update.intervalSeconds > 0 && `interval ${update.intervalSeconds}s`,
    `progress ${update.progressSeconds}s`,
    `migrate ${migrateMaxParallel}`,
    `reschedule ${reschedule}`,
    hasIngress && `ingress ${service}`,
    disconnect &&
      `lost_after ${disconnect.lostAfterSeconds}, replace_after ${disconnect.replaceAfterSeconds}, ${disconnect.reconcile}`,
  ];
  return words.filter((word) => word !== false && word !== undefined).join(', ');
}

function groupRequest(group: GroupSpec): object {
  return {
    Name: group.name,
    Count: group.count,
    Update: updateRequest(group),
    Migrate: {
      MaxParallel: group.migrateMaxParallel,
      HealthCheck: 'checks',
      MinHealthyTime: 2 * SECOND,
      HealthyDeadline: HEALTHY_DEADLINE_SECONDS * SECOND,
    },
    ReschedulePolicy: RESCHEDULE[group.reschedule],
    ...(group.disconnect && { Disconnect: disconnectRequest(group.disconnect) }),
    Networks: [{ DynamicPorts: [{ Label: 'http' }] }],
    Services: [
      {
        Name: group.service,
        PortLabel: 'http',
        Checks: [{ Name: 'alive', Type: 'http', Path: '/', Interval: SECOND, Timeout: SECOND }],
        ...(group.hasIngress && { Ingress: [ingressRequest(group)] }),
      },
    ],
    Tasks: [{ Name: 'server', Driver: 'mock', Config: { run_for: '1h' }, Resources: { CPU: 100, MemoryMB: 64 } }],
  };
}

const disconnectRequest = ({ lostAfterSeconds, replaceAfterSeconds, reconcile }: DisconnectSpec): object => ({
  LostAfter: lostAfterSeconds === undefined ? null : lostAfterSeconds * SECOND,
  ...(replaceAfterSeconds === undefined ? { Replace: false } : { ReplaceAfter: replaceAfterSeconds * SECOND }),
  Reconcile: reconcile,
});

const ingressRequest = ({ listen, hasPreview }: GroupSpec): object => ({
  Listen: listen,
  ...(hasPreview && { PreviewListen: listen + 1000 }),
});

function updateRequest({ update, count }: GroupSpec): object {
  return {
    MaxParallel: update.maxParallel,
    Canary: update.canary === 'count' ? Math.max(1, count) : update.canary,
    AutoPromote: update.autoPromote,
    AutoRevert: update.autoRevert,
    HealthCheck: update.healthCheck,
    MinHealthyTime: update.minHealthySeconds * SECOND,
    HealthyDeadline: HEALTHY_DEADLINE_SECONDS * SECOND,
    ProgressDeadline: update.progressSeconds * SECOND,
    ...(update.canaryWeight !== undefined && { CanaryWeight: update.canaryWeight }),
    ...(update.maxSurge !== undefined && { MaxSurge: update.maxSurge }),
    ...(update.keepWarmSeconds > 0 && { KeepWarm: update.keepWarmSeconds * SECOND }),
    ...(update.intervalSeconds > 0 && { BatchInterval: update.intervalSeconds * SECOND }),
  };
}

const RESCHEDULE: Readonly<Record<GroupSpec['reschedule'], object>> = {
  none: { Attempts: 0, Unlimited: false },
  few: { Attempts: 2, Interval: 600 * SECOND, Delay: 5 * SECOND, DelayFunction: 'constant', Unlimited: false },
  unlimited: { Attempts: 0, Delay: 5 * SECOND, DelayFunction: 'exponential', MaxDelay: 40 * SECOND, Unlimited: true },
};

export const chance = (random: Random, probability: number): boolean => random.next() < probability;

export const oneOf = <T>(random: Random, choices: readonly T[]): T => choices[randomInt(random, choices.length)]!;

/** One batch after the other, and nothing else. */
export const PLAIN_UPDATE: UpdateSpec = {
  maxParallel: 1,
  canary: 0,
  canaryWeight: undefined,
  autoPromote: false,
  autoRevert: false,
  maxSurge: undefined,
  keepWarmSeconds: 0,
  healthCheck: 'checks',
  minHealthySeconds: 1,
  progressSeconds: 60,
  intervalSeconds: 0,
};

/** A spec that nobody refuses. */
export function plainSpec({ groups }: JobSpec): JobSpec {
  return { groups: groups.map((group) => ({ ...group, update: PLAIN_UPDATE })) };
}
