/** Marathon's world as it stands in a view of the state: apps with their tasks, put together from jobs and allocations. */

import type { MarathonApp } from '../../marathon/app.ts';
import { jobIdOf } from '../../marathon/app-id.ts';
import { type AppSource, type AppView, appView, type Embeds, type TaskFailure } from '../../marathon/app-view.ts';
import { affectedApps } from '../../marathon/deployment-plan.ts';
import { type ReadinessCheckResult, readinessResults } from '../../marathon/readiness.ts';
import type { AppState, Root } from '../../marathon/root.ts';
import { type MarathonTask, taskState, taskView } from '../../marathon/task-view.ts';
import { type Allocation, isClientTerminal, isTerminal } from '../../model/allocation.ts';
import { DEFAULT_NAMESPACE } from '../../model/job.ts';
import { epochMsOf, timestampOf } from '../../model/nanos.ts';
import { runningVersion } from '../../server/marathon/job-of.ts';
import { MarathonNotFound } from '../../server/marathon/operations.ts';
import { appStateOf } from '../../server/marathon/root-of.ts';
import type { MarathonDeployment } from '../../server/marathon/rows.ts';
import type { ReadTx } from '../../state/types.ts';
import type { MarathonDeps } from './deps.ts';

export interface World {
  readonly tx: ReadTx;
  readonly root: Root;
  readonly deployments: readonly MarathonDeployment[];
  readonly nowMs: number;
}

/** What is answered is durable: nobody learns what a crash could lose. */
export async function readWorld<T>(deps: MarathonDeps, read: (world: World) => T): Promise<T> {
  const { value, index } = deps.state.view((tx) => ({ value: read(worldOf(deps, tx)), index: tx.index }));
  await deps.state.whenDurable(index);
  return value;
}

export const worldOf = ({ marathon, clock }: MarathonDeps, tx: ReadTx): World => ({
  tx,
  root: marathon.root(tx),
  deployments: marathon.deployments(tx),
  nowMs: clock.nowMs(),
});

export function knownApp({ root }: Pick<World, 'root'>, id: string): AppState {
  const state = root.apps.get(id);
  if (!state) throw new MarathonNotFound(`App '${id}' does not exist`);
  return state;
}

/** The app with the parts that were asked for; throws where there is none. */
export const viewOfApp = (world: World, id: string, embeds: Embeds): AppView =>
  appView(sourceOf(world, knownApp(world, id)), embeds);

function sourceOf(world: World, state: AppState): AppSource {
  const { id } = state.app;
  const deployments = world.deployments.filter(({ Steps }) => affectedApps(Steps).includes(id));
  return {
    state,
    tasks: tasksOf(world, id),
    deployments: deployments.map(({ ID }) => ID),
    lastTaskFailure: lastFailure(world, state),
    readiness: deployments.length > 0 ? readinessOf(world, id) : [],
    nowMs: world.nowMs,
  };
}

/** Of the instances of the newest version: nobody waits for the others. */
export function readinessOf(world: World, id: string): ReadinessCheckResult[] {
  const state = world.root.apps.get(id);
  const job = world.tx.job(DEFAULT_NAMESPACE, jobIdOf(id));
  if (!state || !job || state.app.readinessChecks.length === 0) return [];
  const allocs = allocsOf(world, id).filter((alloc) => !isTerminal(alloc) && alloc.JobVersion === job.Version);
  return readinessResults(state.app, allocs);
}

/** Those that have not ended, oldest first. */
export function tasksOf(world: World, id: string): MarathonTask[] {
  const state = knownApp(world, id);
  return allocsOf(world, id)
    .filter((alloc) => !isClientTerminal(alloc))
    .map((alloc) => taskOf(world.tx, alloc, state));
}

export const allocsOf = ({ tx }: World, id: string): Allocation[] =>
  [...tx.allocsByJob(DEFAULT_NAMESPACE, jobIdOf(id))].sort(
    (a, b) => a.CreateTime - b.CreateTime || (a.ID < b.ID ? -1 : 1),
  );

/** `now`: the app as it is, for an allocation whose own version is forgotten. */
export function taskOf(tx: ReadTx, alloc: Allocation, now: AppState): MarathonTask {
  const { app, version } = appOfAlloc(tx, alloc, now);
  return taskView({ alloc, app, version, host: hostOf(tx, alloc), isUnreachable: isUnreachable(tx, alloc) });
}

function appOfAlloc(
  tx: ReadTx,
  { Namespace, JobID, JobVersion }: Allocation,
  now: AppState,
): { readonly app: MarathonApp; readonly version: string } {
  const job = tx.jobVersion(Namespace, JobID, JobVersion);
  const state = (job && appStateOf(job)) ?? now;
  return { app: state.app, version: runningVersion(state) };
}

/** Something that clients can connect to. */
export const hostOf = (tx: ReadTx, { NodeID, NodeName, Ports }: Allocation): string =>
  Ports.find(({ HostIP }) => HostIP !== '')?.HostIP ||
  tx.node(NodeID)?.Attributes['unique.network.ip-address'] ||
  NodeName;

const isUnreachable = (tx: ReadTx, { NodeID }: Allocation): boolean => tx.node(NodeID)?.Status === 'down';

function lastFailure(world: World, state: AppState): TaskFailure | undefined {
  const failed = allocsOf(world, state.app.id).filter(
    ({ ClientStatus }) => ClientStatus === 'failed' || ClientStatus === 'lost',
  );
  const last = failed.reduce<Allocation | undefined>(
    (newest, alloc) => (newest && newest.ModifyTime > alloc.ModifyTime ? newest : alloc),
    undefined,
  );
  if (!last) return undefined;
  const { id, host, slaveId, version } = taskOf(world.tx, last, state);
  return {
    appId: state.app.id,
    host,
    message: messageOf(last),
    slaveId,
    state: taskState(last, false),
    taskId: id,
    timestamp: timestampOf(epochMsOf(last.ModifyTime)),
    version,
  };
}

/** Its last event that says what happened; that nothing begins again in its place says only what follows. */
export function messageOf({ TaskStates, ClientDescription }: Allocation): string {
  const events = Object.values(TaskStates ?? {}).flatMap(({ Events }) => Events);
  const cause = events.findLast(
    ({ Type, FailsTask, ExitCode, DriverError }) =>
      Type !== 'Not Restarting' && (FailsTask || ExitCode !== undefined || DriverError !== undefined),
  );
  return (cause ?? events.findLast(({ FailsTask }) => FailsTask))?.DisplayMessage || ClientDescription;
}
