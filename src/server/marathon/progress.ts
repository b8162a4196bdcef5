/** Whether an action has reached what it is to reach: pure, asked anew at every look. */

import { jobIdOf } from '../../marathon/app-id.ts';
import type { PlannedAction } from '../../marathon/deployment-plan.ts';
import type { AppState } from '../../marathon/root.ts';
import { type Allocation, isClientTerminal } from '../../model/allocation.ts';
import { DEFAULT_NAMESPACE, type Job } from '../../model/job.ts';
import type { ReadTx } from '../../state/types.ts';

/**
 * StartApplication    it exists
 * StopApplication     no instance of it is left
 * ScaleApplication,   as many instances as it says, all of this version and well, and those that had to go are gone
 * RestartApplication
 */
export function isReached(tx: ReadTx, { action, app }: PlannedAction): boolean {
  const jobId = jobIdOf(app);
  const job = tx.job(DEFAULT_NAMESPACE, jobId);
  const allocs = tx.allocsByJob(DEFAULT_NAMESPACE, jobId);
  switch (action) {
    case 'StartApplication':
      return job !== undefined;
    case 'StopApplication':
      return allocs.every(isClientTerminal);
    default:
      return job !== undefined && isComplete(job, allocs);
  }
}

/** Serin's deployment of what the action has registered has failed: nobody goes on with it. */
export function isGivenUp(tx: ReadTx, { action, app }: PlannedAction): boolean {
  if (action === 'StartApplication' || action === 'StopApplication') return false;
  const job = tx.job(DEFAULT_NAMESPACE, jobIdOf(app));
  const newest = tx.deploymentsByJob(DEFAULT_NAMESPACE, jobIdOf(app))[0];
  return newest?.Status === 'failed' && newest.JobVersion === job?.Version && newest.JobCreateIndex === job.CreateIndex;
}

function isComplete(job: Job, allocs: readonly Allocation[]): boolean {
  // One whose node is lost is neither there nor well: it comes back, or another takes its place.
  const there = allocs.filter((alloc) => !isClientTerminal(alloc) && !alloc.Disconnected);
  const wanted = there.filter((alloc) => alloc.DesiredStatus === 'run');
  if (wanted.length < there.length) return false;
  if (wanted.length !== (job.TaskGroups[0]?.Count ?? 0)) return false;
  return wanted.every((alloc) => alloc.JobVersion === job.Version && isWell(job, alloc));
}

/** The job says what an earlier version of the app said. */
export function isUndone(tx: ReadTx, { action, app }: PlannedAction, target: AppState | null | undefined): boolean {
  const part = tx.job(DEFAULT_NAMESPACE, jobIdOf(app))?.Marathon;
  if (action !== 'RestartApplication' || !target || !part) return false;
  return part.LastConfigChangeAt < target.at.lastConfigChangeAt;
}

/** It runs, and every check of it passes; one that the node has not told of does not. */
export function isWell(job: Job, { ClientStatus, Services, DeploymentStatus }: Allocation): boolean {
  if (ClientStatus !== 'running' || DeploymentStatus?.Healthy === false) return false;
  const hasChecks = (job.TaskGroups[0]?.Services ?? []).some(({ Checks }) => (Checks ?? []).length > 0);
  if (!hasChecks) return true;
  return Services?.every(({ Status }) => Status === 'passing') === true;
}
