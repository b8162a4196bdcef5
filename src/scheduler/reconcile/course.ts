/**
 * The deployment that a step belongs to, and what it lets the step do.
 *
 *   none     the job has no deployments: nothing limits an update but its groups' own fields
 *   running  new instances of this version are placed batch by batch, and belong to the deployment
 *   paused   no instance is moved to this version until somebody resumes
 *   failed   no further instance is touched; what was there before is kept up
 *   settled  this version was rolled out: replacements belong to no deployment
 */
import type { Allocation } from '../../model/allocation.ts';
import {
  type Deployment,
  DeploymentDescriptions,
  type DeploymentState,
  isDeploymentActive,
} from '../../model/deployment.ts';
import { isStopped, type Job, type TaskGroup } from '../../model/job.ts';
import { ZERO_TIME } from '../../model/nanos.ts';
import type { DeploymentUpdate, ScheduleInput } from '../types.ts';

export interface Course {
  readonly kind: 'none' | 'running' | 'paused' | 'failed' | 'settled';
  /** The deployment of this version, where it is known or to be created. */
  readonly deployment?: Deployment;
  /** It does not exist yet; it is created if the step has anything for it to do. */
  readonly isNew: boolean;
}

const NO_COURSE: Course = { kind: 'none', isNew: false };

export function courseOf(input: ScheduleInput): Course {
  const { job, deployment } = input;
  if (!job || !hasDeployments(job)) return NO_COURSE;
  if (deployment && isOf(deployment, job)) return { kind: courseKind(deployment), deployment, isNew: false };
  if (!deployment && input.allocs.some((alloc) => wasDeployed(alloc, job))) return { kind: 'settled', isNew: false };
  return { kind: 'running', deployment: newDeployment(job, input), isNew: true };
}

/** Ends the deployment of an older version, or of a job that stops. */
export function cancelled({ job, deployment }: ScheduleInput): DeploymentUpdate[] {
  if (!deployment || !isDeploymentActive(deployment)) return [];
  const cancel = (description: string) => [{ deploymentId: deployment.ID, status: 'cancelled' as const, description }];
  if (!job || isStopped(job)) return cancel(DeploymentDescriptions.stoppedJob);
  return isOf(deployment, job) ? [] : cancel(DeploymentDescriptions.newerJob);
}

/** A group whose updates run in batches, watched by a deployment. */
export const isDeployed = (job: Job, group: TaskGroup): boolean =>
  job.Type === 'service' && (group.Update?.MaxParallel ?? 0) > 0;

const hasDeployments = (job: Job): boolean => job.TaskGroups.some((group) => isDeployed(job, group));

const isOf = (deployment: Deployment, job: Job): boolean =>
  deployment.JobVersion === job.Version && deployment.JobCreateIndex === job.CreateIndex;

/** The deployment was forgotten since, but this version did have one. */
const wasDeployed = (alloc: Allocation, job: Job): boolean =>
  alloc.JobVersion === job.Version && alloc.DeploymentID !== '';

function courseKind(deployment: Deployment): Course['kind'] {
  if (deployment.Status === 'running') return 'running';
  if (deployment.Status === 'failed') return 'failed';
  return isDeploymentActive(deployment) ? 'paused' : 'settled';
}

function newDeployment(job: Job, { newId, nowMs }: ScheduleInput): Deployment {
  const states = job.TaskGroups.filter((group) => isDeployed(job, group)).map((group) => [group.Name, newState(group)]);
  return {
    ID: newId(),
    Namespace: job.Namespace,
    JobID: job.ID,
    JobVersion: job.Version,
    JobModifyIndex: job.ModifyIndex,
    JobSpecModifyIndex: job.JobModifyIndex,
    JobCreateIndex: job.CreateIndex,
    IsMultiregion: false,
    TaskGroups: Object.fromEntries(states) as Record<string, DeploymentState>,
    Status: 'running',
    StatusDescription: DeploymentDescriptions.running,
    CreateIndex: 0,
    ModifyIndex: 0,
    CreateTimeMs: nowMs,
    ModifyTimeMs: nowMs,
  };
}

function newState(group: TaskGroup): DeploymentState {
  return {
    AutoRevert: group.Update?.AutoRevert ?? false,
    AutoPromote: group.Update?.AutoPromote ?? false,
    ProgressDeadline: group.Update?.ProgressDeadline ?? 0,
    RequireProgressBy: ZERO_TIME,
    Promoted: false,
    PlacedCanaries: null,
    DesiredCanaries: 0,
    DesiredTotal: group.Count,
    PlacedAllocs: 0,
    HealthyAllocs: 0,
    UnhealthyAllocs: 0,
  };
}
