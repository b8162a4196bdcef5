/** A committed transaction as the events of Marathon. Rows say what changed; what Marathon calls it is told here. */
import { isDeepStrictEqual } from 'node:util';
import type { MarathonHealthCheck } from '../../marathon/app.ts';
import { appIdOf } from '../../marathon/app-id.ts';
import { appOf } from '../../marathon/app-view.ts';
import type { MarathonEvent, MarathonEventType } from '../../marathon/events.ts';
import { type GroupView, groupView } from '../../marathon/group-view.ts';
import type { AppState, Root } from '../../marathon/root.ts';
import { healthCheckOf } from '../../marathon/services.ts';
import { isAlive, type MarathonTask, taskState } from '../../marathon/task-view.ts';
import type { Allocation } from '../../model/allocation.ts';
import { DEFAULT_NAMESPACE, type Job } from '../../model/job.ts';
import { appStateOf, withOriginals, withTargets } from '../../server/marathon/root-of.ts';
import { DEPLOYMENTS_KEY, type MarathonDeployment } from '../../server/marathon/rows.ts';
import type { Change, CommittedTransaction } from '../../state/types.ts';
import { messageOf, taskOf, type World } from './world.ts';

export interface EventOptions {
  /** Plans without the groups before and after. */
  readonly isLight: boolean;
  /** By id of its job: apps that were told of, since the last instances of one end after it is gone altogether. */
  readonly told: Map<string, AppState>;
}

type Fields = Readonly<Record<string, unknown>>;
type Emit = (eventType: MarathonEventType, fields: Fields) => MarathonEvent;

export function marathonEvents(
  { changes }: CommittedTransaction,
  world: World,
  timestamp: string,
  options: EventOptions,
): MarathonEvent[] {
  const emit: Emit = (eventType, fields) => ({ ...fields, eventType, timestamp });
  return changes.flatMap((change) => {
    if (change.table === 'meta' && change.key === DEPLOYMENTS_KEY) return ofDeployments(change, world, emit, options);
    if (change.table === 'allocs') return ofAlloc(change, world, emit, options);
    return change.table === 'jobs' ? ofJob(change, emit) : [];
  });
}

function ofJob({ before, after }: Change, emit: Emit): MarathonEvent[] {
  const job = before as Job | undefined;
  const isGone = after === undefined && job !== undefined && appStateOf(job) !== undefined;
  return isGone ? [emit('app_terminated_event', { appId: appIdOf(job.ID) })] : [];
}

function ofDeployments({ before, after }: Change, world: World, emit: Emit, options: EventOptions): MarathonEvent[] {
  const were = new Map(rowsIn(before).map((row) => [row.ID, row]));
  return rowsIn(after).flatMap((row) =>
    ofDeployment(were.get(row.ID), row, { emit, planOf: (each) => planOf(each, world, options) }),
  );
}

const rowsIn = (row: unknown): readonly MarathonDeployment[] =>
  (row as { readonly Value: readonly MarathonDeployment[] } | undefined)?.Value ?? [];

interface Telling {
  readonly emit: Emit;
  readonly planOf: (row: MarathonDeployment) => Fields;
}

function ofDeployment(was: MarathonDeployment | undefined, row: MarathonDeployment, telling: Telling): MarathonEvent[] {
  const { emit, planOf } = telling;
  const events: MarathonEvent[] = [];
  const stepOf = (step: number): Fields => ({
    plan: planOf(row),
    currentStep: { actions: row.Steps[step]?.actions ?? [] },
  });
  if (!was) events.push(...accepted(row, emit));
  if (was && (row.CurrentStep > was.CurrentStep || (row.Status === 'done' && was.Status === 'running'))) {
    events.push(emit('deployment_step_success', stepOf(was.CurrentStep)));
  }
  const begins = row.Status === 'running' && (!was || row.CurrentStep > was.CurrentStep);
  if (begins && row.Steps.length > 0) events.push(emit('deployment_info', stepOf(row.CurrentStep)));
  if (!was) events.push(...changedChecks(row, emit));
  if (was && row.Status === 'failed' && was.Status === 'running') {
    events.push(emit('deployment_step_failure', stepOf(was.CurrentStep)));
  }
  if (was?.Status !== row.Status && row.Status !== 'running') {
    const type = row.Status === 'done' ? 'deployment_success' : 'deployment_failed';
    events.push(emit(type, { id: row.ID, plan: planOf(row) }));
  }
  return events;
}

function accepted({ Targets, Version, By }: MarathonDeployment, emit: Emit): MarathonEvent[] {
  const posts = Object.entries(Targets).flatMap(([id, state]) =>
    state
      ? [
          emit('api_post_event', {
            clientIp: By?.ClientIP ?? '',
            uri: By?.URI ?? `/v2/apps${id}`,
            appDefinition: appOf(state),
          }),
        ]
      : [],
  );
  return [...posts, emit('group_change_success', { groupId: '/', version: Version })];
}

const changedChecks = ({ Targets, Originals }: MarathonDeployment, emit: Emit): MarathonEvent[] =>
  Object.entries(Targets).flatMap(([id, state]) => ofHealthChecks(id, Originals[id] ?? null, state, emit));

/** What one version checks and the other does not. */
function ofHealthChecks(appId: string, was: AppState | null, is: AppState | null, emit: Emit): MarathonEvent[] {
  const [before, after] = [was?.app.healthChecks ?? [], is?.app.healthChecks ?? []];
  const without = (list: readonly MarathonHealthCheck[], other: readonly MarathonHealthCheck[]) =>
    list.filter((check) => !other.some((each) => isDeepStrictEqual(each, check)));
  const told = (check: MarathonHealthCheck, state: AppState | null) => ({
    appId,
    version: state?.at.version ?? '',
    healthCheck: check,
  });
  return [
    ...without(before, after).map((check) => emit('remove_health_check_event', told(check, was))),
    ...without(after, before).map((check) => emit('add_health_check_event', told(check, is))),
  ];
}

function planOf(row: MarathonDeployment, { root }: World, { isLight }: EventOptions): Fields {
  const plan = { id: row.ID, version: row.Version, steps: row.Steps };
  if (isLight) return plan;
  return {
    ...plan,
    original: wholeGroup(withOriginals(root, row)),
    target: wholeGroup(withTargets(root, [row])),
  };
}

const wholeGroup = (root: Root): GroupView | undefined =>
  groupView(root, '/', (id) => appOf(root.apps.get(id) as AppState));

const CONDITIONS: Readonly<Record<MarathonTask['state'], string>> = {
  TASK_STAGING: 'Staging',
  TASK_STARTING: 'Starting',
  TASK_RUNNING: 'Running',
  TASK_KILLING: 'Killing',
  TASK_KILLED: 'Killed',
  TASK_FINISHED: 'Finished',
  TASK_FAILED: 'Failed',
  TASK_LOST: 'Gone',
  TASK_UNREACHABLE: 'Unreachable',
};

function ofAlloc({ before, after }: Change, world: World, emit: Emit, { told }: EventOptions): MarathonEvent[] {
  const [was, is] = [before as Allocation | undefined, after as Allocation | undefined];
  if (is?.Namespace !== DEFAULT_NAMESPACE) return [];
  const app = appOfAlloc(is, world) ?? told.get(is.JobID);
  if (!app) return [];
  told.set(is.JobID, app);
  const task = taskOf(world.tx, is, app);
  return [
    ...ofFailedChecks(was, is, { task, app, emit }),
    ...ofKills(was, is, { task, app, emit }),
    ...ofState(was, is, task, emit),
    ...ofHealth(was && taskOf(world.tx, was, app), task, app, emit),
  ];
}

/** Its last instances end when the app itself is gone: their version of the job knows it. */
function appOfAlloc({ Namespace, JobID, JobVersion }: Allocation, { tx, root }: World): AppState | undefined {
  const known = root.apps.get(appIdOf(JobID));
  if (known) return known;
  const job = tx.jobVersion(Namespace, JobID, JobVersion);
  return job && appStateOf(job);
}

function ofState(was: Allocation | undefined, is: Allocation, task: MarathonTask, emit: Emit): MarathonEvent[] {
  const state = taskState(is, false);
  if (was && taskState(was, false) === state) return [];
  const { id, appId, host, slaveId, version, ports, ipAddresses } = task;
  return [
    emit('status_update_event', {
      slaveId,
      taskId: id,
      taskStatus: state,
      message: messageOf(is),
      appId,
      host,
      ipAddresses,
      ports,
      version,
    }),
    emit('instance_changed_event', {
      instanceId: id,
      condition: CONDITIONS[state],
      runSpecId: appId,
      agentId: slaveId,
      host,
      runSpecVersion: version,
    }),
  ];
}

function ofHealth(was: MarathonTask | undefined, is: MarathonTask, { app }: AppState, emit: Emit): MarathonEvent[] {
  const alive = isAlive(is, app);
  if (alive === undefined || (was && isAlive(was, app) === alive)) return [];
  const { id, appId, version } = is;
  return [
    emit('health_status_changed_event', { appId, instanceId: id, taskId: id, version, alive }),
    emit('instance_health_changed_event', {
      instanceId: id,
      runSpecId: appId,
      healthy: alive,
      runSpecVersion: version,
    }),
  ];
}

interface TaskTelling {
  readonly task: MarathonTask;
  readonly app: AppState;
  readonly emit: Emit;
}

/** A check that has failed once more than before. */
function ofFailedChecks(
  was: Allocation | undefined,
  is: Allocation,
  { task, app, emit }: TaskTelling,
): MarathonEvent[] {
  const failuresIn = ({ Services = [] }: Allocation) =>
    Services.flatMap(({ PortLabel, Checks }) =>
      Checks.filter(({ Readiness }) => Readiness === undefined).map(
        ({ Check, Failures = 0 }) => [PortLabel, Check, Failures] as const,
      ),
    );
  const before = new Map((was ? failuresIn(was) : []).map(([port, check, failures]) => [`${port} ${check}`, failures]));
  return failuresIn(is)
    .filter(([port, check, failures]) => failures > (before.get(`${port} ${check}`) ?? 0))
    .map(([port, check]) =>
      emit('failed_health_check_event', {
        appId: task.appId,
        instanceId: task.id,
        taskId: task.id,
        healthCheck: healthCheckOf(app.app, port, check) ?? null,
      }),
    );
}

/** What the node notes when a check makes it end a task. */
const KILLED_FOR_HEALTH = /^healthcheck: /;

function ofKills(was: Allocation | undefined, is: Allocation, { task, emit }: TaskTelling): MarathonEvent[] {
  const killsIn = (alloc: Allocation | undefined) =>
    Object.values(alloc?.TaskStates ?? {})
      .flatMap(({ Events }) => Events)
      .filter(({ Type, RestartReason = '' }) => Type === 'Restart Signaled' && KILLED_FOR_HEALTH.test(RestartReason));
  const known = new Set(killsIn(was).map(({ Time }) => Time));
  const { id, appId, version, host, slaveId } = task;
  return killsIn(is)
    .filter(({ Time }) => !known.has(Time))
    .flatMap(({ RestartReason: reason = '' }) => {
      const fields = { appId, taskId: id, instanceId: id, version, reason, host, slaveId };
      return [emit('unhealthy_task_kill_event', fields), emit('unhealthy_instance_kill_event', fields)];
    });
}
