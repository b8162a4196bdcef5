/**
 * Takes what a node says of its allocations: facts flow back here, and what must be decided because of them becomes an
 * evaluation in the same transaction, so that a crash never separates the two.
 */
import { invariant } from '../lib/assert.ts';
import type { NewId } from '../lib/ids.ts';
import type { Allocation, AllocUpdate } from '../model/allocation.ts';
import { isClientTerminal } from '../model/allocation.ts';
import { deepEqual } from '../model/deep-equal.ts';
import type { Deployment } from '../model/deployment.ts';
import { isDeploymentActive } from '../model/deployment.ts';
import { nanosOf, timestampOf } from '../model/nanos.ts';
import type { WriteTx } from '../state/types.ts';
import { jobKey, newEvaluation } from './evaluations.ts';
import { refreshJobStatus } from './job-status.ts';
import { progressBy } from './plan-applier.ts';

export interface UpdateContext {
  readonly nowMs: number;
  readonly newId: NewId;
}

/** Applies a node's report. Allocations that the server has forgotten, or that are another node's, are passed over. */
export function applyAllocUpdates(
  tx: WriteTx,
  nodeId: string,
  updates: readonly AllocUpdate[],
  context: UpdateContext,
): void {
  const ended = new Map<string, Allocation>();
  const jobs = new Map<string, Allocation>();
  for (const said of updates) {
    const before = tx.alloc(said.ID);
    // What has ended has ended: a report that was held up on its way brings nothing back to life.
    if (before?.NodeID !== nodeId || isClientTerminal(before)) continue;
    const update = forItsDeployment(before, said);
    if (saysNothingNew(before, update)) continue;
    const after = applyUpdate(tx, before, update, context);
    jobs.set(jobKey(after), after);
    if (isClientTerminal(after) && isEndNews(tx, after)) ended.set(jobKey(after), after);
  }
  for (const alloc of ended.values()) evaluateEnded(tx, alloc, context);
  for (const alloc of jobs.values()) refreshJobStatus(tx, alloc.Namespace, alloc.JobID);
}

/** What was judged for an earlier deployment (an update in place came meanwhile) says nothing of the present one. */
function forItsDeployment(before: Allocation, update: AllocUpdate): AllocUpdate {
  const judgedFor = update.Healthy?.DeploymentID;
  if (judgedFor === undefined || judgedFor === before.DeploymentID) return update;
  const { Healthy: _, ...rest } = update;
  return rest;
}

function applyUpdate(tx: WriteTx, before: Allocation, update: AllocUpdate, context: UpdateContext): Allocation {
  const judged = update.Healthy !== undefined && before.DeploymentStatus?.Healthy !== update.Healthy.Healthy;
  const after: Allocation = {
    ...before,
    ClientStatus: update.ClientStatus,
    ClientDescription: update.ClientDescription,
    TaskStates: update.TaskStates,
    ModifyTime: nanosOf(context.nowMs),
    ...(update.Services && { Services: update.Services }),
    ...(update.Output && { Output: update.Output }),
    ...(judged && { DeploymentStatus: judgedStatus(tx, before, update) }),
  };
  tx.putAlloc(after);
  if (judged && after.DeploymentID !== '') countHealth(tx, before, after, context.nowMs);
  return after;
}

/** A node says everything again after a lost answer; that must not cost a transaction. */
function saysNothingNew(before: Allocation, update: AllocUpdate): boolean {
  return (
    before.ClientStatus === update.ClientStatus &&
    before.ClientDescription === update.ClientDescription &&
    (update.Healthy === undefined || before.DeploymentStatus?.Healthy === update.Healthy.Healthy) &&
    (update.Services === undefined || deepEqual(before.Services, update.Services)) &&
    deepEqual(before.TaskStates, update.TaskStates)
  );
}

function judgedStatus(
  tx: WriteTx,
  before: Allocation,
  update: AllocUpdate,
): NonNullable<Allocation['DeploymentStatus']> {
  invariant(update.Healthy, 'a judged update says how it judged');
  return {
    Healthy: update.Healthy.Healthy,
    Timestamp: timestampOf(update.Healthy.TimestampMs),
    Canary: before.DeploymentStatus?.Canary ?? false,
    ModifyIndex: tx.index,
  };
}

/** Somebody else than its node says how an allocation is. */
export function judgeAlloc(tx: WriteTx, before: Allocation, healthy: boolean, nowMs: number): void {
  if (before.DeploymentStatus?.Healthy === healthy) return;
  const after: Allocation = {
    ...before,
    DeploymentStatus: {
      Healthy: healthy,
      Timestamp: timestampOf(nowMs),
      Canary: before.DeploymentStatus?.Canary ?? false,
      ModifyIndex: tx.index,
    },
    ModifyTime: nanosOf(nowMs),
  };
  tx.putAlloc(after, { serverSide: true });
  countHealth(tx, before, after, nowMs);
}

/** A newly healthy allocation is progress: it also pushes the group's deadline on. */
function countHealth(tx: WriteTx, before: Allocation, after: Allocation, nowMs: number): void {
  const deployment = tx.deployment(after.DeploymentID);
  const state = deployment?.TaskGroups[after.TaskGroup];
  if (!deployment || !state || !isDeploymentActive(deployment)) return;
  const was = before.DeploymentStatus?.Healthy;
  const is = after.DeploymentStatus?.Healthy;
  const next = {
    ...state,
    HealthyAllocs: state.HealthyAllocs + Number(is === true) - Number(was === true),
    UnhealthyAllocs: state.UnhealthyAllocs + Number(is === false) - Number(was === false),
    ...(is === true && { RequireProgressBy: progressBy(state, deployment.PausedAtMs ?? nowMs) }),
  };
  const updated: Deployment = {
    ...deployment,
    TaskGroups: { ...deployment.TaskGroups, [after.TaskGroup]: next },
    ModifyTimeMs: nowMs,
  };
  tx.putDeployment(updated);
}

/** One that was told to stop has been looked at already; but one of a Marathon app may have held another back until now. */
const isEndNews = (tx: WriteTx, { DesiredStatus, Namespace, JobID }: Allocation): boolean =>
  DesiredStatus === 'run' || tx.job(Namespace, JobID)?.Marathon !== undefined;

function evaluateEnded(tx: WriteTx, alloc: Allocation, context: UpdateContext): void {
  const job = tx.job(alloc.Namespace, alloc.JobID);
  if (!job || job.Stop) return;
  tx.putEvaluation(
    newEvaluation(job, { trigger: alloc.DesiredStatus === 'run' ? 'alloc-failure' : 'alloc-stop', ...context }),
  );
}
