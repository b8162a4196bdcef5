/** Whether an action has reached what it is to reach: pure, asked anew at every look. */

import { jobIdOf } from '../../marathon/app-id.ts';
import type { PlannedAction } from '../../marathon/deployment-plan.ts';
import type { AppState } from '../../marathon/root.ts';
import { type Allocation, isClientTerminal } from '../../model/allocation.ts';
import { hasIngress } from '../../model/ingress-services.ts';
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

/** It runs, every check of it passes, and requests reach it or are kept from it on purpose; what nobody has told of does not. */
export function isWell(job: Job, { ClientStatus, Services, DeploymentStatus, Traffic }: Allocation): boolean {
  const [group] = job.TaskGroups;
  if (ClientStatus !== 'running' || DeploymentStatus?.Healthy === false || !group) return false;
  // An old colour that rests is well: ingresses say that it is drained, and of one that they have yet to meet nothing.
  if (hasIngress(group) && !Traffic?.Ready && !Traffic?.Applied) return false;
  const hasChecks = (group.Services ?? []).some(({ Checks }) => (Checks ?? []).length > 0);
  return !hasChecks || Services?.every(({ Status }) => Status === 'passing') === true;
}
