/** For the tests of this folder: a real state in memory, a virtual clock, and whole rows as the server keeps them. */
import { type NewId, seededIds } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { silentLog } from '../lib/log.ts';
import { type Random, seededRandom } from '../lib/random.ts';
import type { Service } from '../lib/service.ts';
import { settle, VirtualClock } from '../lib/virtual-clock.ts';
import type { Allocation } from '../model/allocation.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import { SECOND, ZERO_TIME } from '../model/nanos.ts';
import type { Node } from '../model/node.ts';
import { NOW_MS } from '../scheduler/fixtures.ts';
import type { Plan } from '../scheduler/types.ts';
import { State } from '../state/state.ts';
import { MemoryRecords, openMemoryStorage } from '../state/storage/memory.ts';
import type { Change, ReadTx } from '../state/types.ts';

export interface TestState {
  readonly state: State;
  readonly clock: VirtualClock;
  readonly newId: NewId;
  readonly random: Random;
  readonly log: Log;
  readonly records: MemoryRecords;
}

export async function testState(records = new MemoryRecords()): Promise<TestState> {
  return {
    state: await State.open(openMemoryStorage(records), { freezeRows: true }),
    clock: new VirtualClock(NOW_MS),
    newId: seededIds(seededRandom('ids')),
    random: seededRandom('random'),
    log: silentLog,
    records,
  };
}

export interface Rows {
  readonly jobs?: readonly Job[];
  readonly nodes?: readonly Node[];
  readonly allocs?: readonly Allocation[];
  readonly evals?: readonly Evaluation[];
  readonly deployments?: readonly Deployment[];
}

/** Writes rows as they are, in one transaction. */
export async function put(state: State, rows: Rows): Promise<void> {
  await state.update((tx) => {
    for (const node of rows.nodes ?? []) tx.putNode(node);
    for (const job of rows.jobs ?? []) tx.putJob(job);
    for (const alloc of rows.allocs ?? []) tx.putAlloc(alloc, { serverSide: true });
    for (const evaluation of rows.evals ?? []) tx.putEvaluation(evaluation);
    for (const deployment of rows.deployments ?? []) tx.putDeployment(deployment);
  });
}

export const read = <T>({ state }: Pick<TestState, 'state'>, look: (tx: ReadTx) => T): T => state.view(look);

export function newDeploymentState(fields: Partial<DeploymentState> = {}): DeploymentState {
  return {
    AutoRevert: false,
    AutoPromote: false,
    ProgressDeadline: 600 * SECOND,
    RequireProgressBy: ZERO_TIME,
    Promoted: false,
    PlacedCanaries: null,
    DesiredCanaries: 0,
    DesiredTotal: 1,
    PlacedAllocs: 0,
    HealthyAllocs: 0,
    UnhealthyAllocs: 0,
    ...fields,
  };
}

/** A running deployment of the job's version with one state per group. */
export function newDeployment(
  job: Job,
  state: Partial<DeploymentState> = {},
  fields: Partial<Deployment> = {},
): Deployment {
  const groups = job.TaskGroups.map((group) => [
    group.Name,
    newDeploymentState({ DesiredTotal: group.Count, ...state }),
  ]);
  return {
    ID: `dep-${job.ID}-v${job.Version}`,
    Namespace: job.Namespace,
    JobID: job.ID,
    JobVersion: job.Version,
    JobModifyIndex: job.JobModifyIndex,
    JobSpecModifyIndex: job.JobModifyIndex,
    JobCreateIndex: job.CreateIndex,
    IsMultiregion: false,
    TaskGroups: Object.fromEntries(groups) as Record<string, DeploymentState>,
    Status: 'running',
    StatusDescription: 'Deployment is running',
    CreateIndex: 0,
    ModifyIndex: 0,
    CreateTimeMs: NOW_MS,
    ModifyTimeMs: NOW_MS,
    ...fields,
  };
}

/** A plan that does nothing but what is given. */
export function newPlan(fields: Partial<Plan> = {}): Plan {
  return {
    evalId: 'eval-web',
    stops: [],
    placements: [],
    inPlace: [],
    deployment: undefined,
    deploymentUpdates: [],
    followups: [],
    failedGroups: {},
    queued: {},
    classEligibility: {},
    escapedComputedClass: false,
    desired: {},
    heldBack: {},
    ...fields,
  };
}

export interface Running {
  /** Ends it, and resolves when all its work has ended. */
  stop(): Promise<void>;
}

/** Runs a loop, telling it of every committed change as the server does. */
export async function runLoop(state: State, loop: Service & { observe?(change: Change): void }): Promise<Running> {
  const end = new AbortController();
  const running = [loop.run(end.signal), tellChanges(state, loop, end.signal)];
  await settle();
  return {
    stop: async () => {
      end.abort();
      await Promise.all(running);
    },
  };
}

async function tellChanges(state: State, loop: { observe?(change: Change): void }, signal: AbortSignal): Promise<void> {
  for await (const { changes } of state.subscribe({}, signal)) {
    for (const change of changes) loop.observe?.(change);
  }
}
