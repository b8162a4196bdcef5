/** An allocation of an app as the task that Marathon's clients know. What they do not know is not said: some of them fail on any other key. */
import { type Allocation, type AllocCheckStatus, isClientTerminal } from '../model/allocation.ts';
import { epochMsOf, timestampOf } from '../model/nanos.ts';
import type { MarathonApp } from './app.ts';
import { segmentsOf } from './app-id.ts';
import { portLabels } from './ports.ts';

export type MarathonTaskState =
  | 'TASK_STAGING'
  | 'TASK_STARTING'
  | 'TASK_RUNNING'
  | 'TASK_KILLING'
  | 'TASK_KILLED'
  | 'TASK_FINISHED'
  | 'TASK_FAILED'
  | 'TASK_LOST'
  | 'TASK_UNREACHABLE';

export interface MarathonTask {
  readonly id: string;
  readonly appId: string;
  readonly host: string;
  readonly slaveId: string;
  readonly state: MarathonTaskState;
  readonly ports: readonly number[];
  readonly stagedAt: string;
  /** null until it runs. */
  readonly startedAt: string | null;
  readonly version: string;
  readonly ipAddresses: readonly { readonly ipAddress: string; readonly protocol: 'IPv4' | 'IPv6' }[];
  /** Absent until there is a first result: to marathon-lb that is something else than an unhealthy task. */
  readonly healthCheckResults?: readonly HealthCheckResult[];
}

export interface HealthCheckResult {
  readonly alive: boolean;
  readonly consecutiveFailures: number;
  readonly firstSuccess: string | null;
  readonly lastSuccess: string | null;
  readonly lastFailure: string | null;
  readonly lastFailureCause: string | null;
  readonly instanceId: string;
}

export interface TaskSource {
  readonly alloc: Allocation;
  /** As it was when the task began: its ports are that version's. */
  readonly app: MarathonApp;
  readonly version: string;
  readonly host: string;
  /** No word from its node, and not given up yet. */
  readonly isUnreachable: boolean;
}

export function taskView(source: TaskSource): MarathonTask {
  const { alloc, app, version, host } = source;
  const id = taskIdOf(app.id, alloc.ID);
  const results = resultsOf(alloc, id);
  return {
    id,
    appId: app.id,
    host,
    slaveId: alloc.NodeID,
    state: taskState(alloc, source.isUnreachable),
    ports: portsOf(source),
    stagedAt: timestampOf(epochMsOf(alloc.CreateTime)),
    startedAt: startedAt(alloc),
    version,
    ipAddresses: [{ ipAddress: host, protocol: host.includes(':') ? 'IPv6' : 'IPv4' }],
    ...(results.length > 0 && { healthCheckResults: results }),
  };
}

/** "/shop/web" → "shop_web.<allocation>". */
export const taskIdOf = (appId: string, allocId: string): string => `${segmentsOf(appId).join('_')}.${allocId}`;

const TASK_ID = /^[^/]+\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** undefined: no id of a task. */
export const allocIdOf = (taskId: string): string | undefined => TASK_ID.exec(taskId)?.[1];

/** The first that holds; an instance that is to go is "killing" until it has gone, so that nobody sends it anything. */
const STATES: readonly {
  readonly state: MarathonTaskState;
  readonly holds: (alloc: Allocation, isUnreachable: boolean) => boolean;
}[] = [
  { state: 'TASK_LOST', holds: ({ ClientStatus }) => ClientStatus === 'lost' },
  { state: 'TASK_FAILED', holds: ({ ClientStatus }) => ClientStatus === 'failed' },
  { state: 'TASK_KILLED', holds: (alloc) => isClientTerminal(alloc) && alloc.DesiredStatus !== 'run' },
  { state: 'TASK_FINISHED', holds: isClientTerminal },
  { state: 'TASK_UNREACHABLE', holds: (_alloc, isUnreachable) => isUnreachable },
  { state: 'TASK_KILLING', holds: ({ DesiredStatus }) => DesiredStatus !== 'run' },
  { state: 'TASK_RUNNING', holds: ({ ClientStatus }) => ClientStatus === 'running' },
  { state: 'TASK_STARTING', holds: ({ TaskStates }) => TaskStates !== null },
];

export const taskState = (alloc: Allocation, isUnreachable: boolean): MarathonTaskState =>
  STATES.find(({ holds }) => holds(alloc, isUnreachable))?.state ?? 'TASK_STAGING';

/** One number for each port of the app, in its order. */
function portsOf({ alloc, app }: TaskSource): number[] {
  return portLabels(app).flatMap((label) => alloc.Ports.find(({ Label }) => Label === label)?.Value ?? []);
}

function startedAt({ TaskStates }: Allocation): string | null {
  const times = Object.values(TaskStates ?? {}).flatMap(({ StartedAt }) => (StartedAt ? [Date.parse(StartedAt)] : []));
  return times.length === 0 ? null : timestampOf(Math.min(...times));
}

function resultsOf({ Services = [] }: Allocation, instanceId: string): HealthCheckResult[] {
  return Services.flatMap(({ Checks }) => Checks)
    .filter(({ Status, Readiness }) => Status !== 'pending' && Readiness === undefined)
    .map((check) => resultOf(check, instanceId));
}

/** The server's rows have the newest result of each check, and since when it is good. */
function resultOf(check: AllocCheckStatus, instanceId: string): HealthCheckResult {
  const { Status, Output, TimestampMs, PassingSinceMs, Failures = 0 } = check;
  const alive = Status !== 'critical';
  const at = (ms: number | undefined): string | null => (ms === undefined ? null : timestampOf(ms));
  return {
    alive,
    consecutiveFailures: alive ? Failures : Math.max(1, Failures),
    firstSuccess: at(check.FirstPassMs ?? (alive ? (PassingSinceMs ?? TimestampMs) : undefined)),
    lastSuccess: at(alive ? TimestampMs : check.LastPassMs),
    lastFailure: at(check.LastFailMs ?? (alive ? undefined : TimestampMs)),
    // Of a check that passes, what it says is no cause.
    lastFailureCause: check.LastFailOutput ?? (alive && Failures === 0 ? null : Output),
    instanceId,
  };
}

/** true or false once every check of it has spoken; undefined before, and where the app has none. */
export function isAlive({ healthCheckResults: results = [] }: MarathonTask, app: MarathonApp): boolean | undefined {
  if (app.healthChecks.length === 0 || results.length === 0) return undefined;
  if (results.some(({ alive }) => !alive)) return false;
  return results.length >= app.healthChecks.length ? true : undefined;
}
