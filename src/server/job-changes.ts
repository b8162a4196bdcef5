/** Changes of a job that is registered already: back to a version, another count, a version called stable. */
import { SerinError } from '../lib/errors.ts';
import { type Job, type TaskGroup, withoutTag } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import { specChanged } from '../model/update-kind.ts';
import { invalidJobError, validateJob } from '../model/validate.ts';
import type { ReadTx, WriteTx } from '../state/types.ts';
import { carryOn } from './carry-on.ts';
import { newEvaluation } from './evaluations.ts';
import type { JobContext } from './job-operations.ts';
import { refreshJobStatus } from './job-status.ts';
import { scaledPart } from './marathon/versions.ts';
import type { JobChangeResult, RevertRequest, ScaleRequest, StabilityRequest } from './operations.ts';
import { registerRevert } from './revert.ts';
import { refuseTakenRoutes } from './routes.ts';

/** Versions only go up: the specification of an earlier one becomes the newest. */
export function revertJob(context: JobContext, request: RevertRequest): Promise<JobChangeResult> {
  return change(context, request, (tx, current) => {
    const { enforcePriorVersion: enforced } = request;
    if (enforced !== undefined && enforced !== current.Version) {
      throw new SerinError('refused', `Enforcing job version ${enforced}: the job is at version ${current.Version}`);
    }
    const target = targetOf(tx, current, request.version);
    refuseTakenRoutes(tx, target);
    return registerRevert(tx, current, target, context.clock.nowMs());
  });
}

function targetOf(tx: ReadTx, current: Job, version: number): Job {
  if (version === current.Version) throw new SerinError('refused', "can't revert to current version");
  const target = versionOf(tx, current, version);
  if (target.Stop) {
    throw new SerinError('refused', `can't revert to version ${version}: with that one the job was stopped`);
  }
  if (specChanged(current, target)) return target;
  throw new SerinError(
    'refused',
    `can't revert to version ${version}: it says the same as the current version ${current.Version}`,
  );
}

/** Another count of one group, and nothing else: a new version, as if the job file said so. */
export function scaleJob(context: JobContext, request: ScaleRequest): Promise<JobChangeResult> {
  return change(context, request, (tx, current) => {
    if (current.Stop) {
      throw new SerinError('refused', `job "${current.ID}" is stopped; run its job file to start it again`);
    }
    const scaled = withCount(current, groupOf(current, request.group), request.count);
    const invalid = invalidJobError(validateJob(scaled).errors);
    if (invalid) throw invalid;
    const nowMs = context.clock.nowMs();
    return specChanged(current, scaled) ? registerNext(tx, current, withAppVersion(scaled, nowMs), nowMs) : current;
  });
}

function groupOf(job: Job, name: string): TaskGroup {
  const group = job.TaskGroups.find((each) => each.Name === name);
  if (group) return group;
  const there = job.TaskGroups.map((each) => `"${each.Name}"`).join(', ');
  throw new SerinError('badRequest', `task group "${name}" does not exist in job "${job.ID}"; it has ${there}`);
}

const withCount = (job: Job, scaled: TaskGroup, Count: number): Job => ({
  ...job,
  TaskGroups: job.TaskGroups.map((group) => (group === scaled ? { ...group, Count } : group)),
});

/** An app of Marathon that is scaled as a job is another version of the app. */
const withAppVersion = (job: Job, nowMs: number): Job =>
  job.Marathon ? { ...job, Marathon: scaledPart(job.Marathon, nowMs) } : job;

function registerNext(tx: WriteTx, current: Job, job: Job, nowMs: number): Job {
  const version: Job = {
    ...withoutTag(job),
    Stable: false,
    Version: current.Version + 1,
    SubmitTime: nanosOf(nowMs),
    JobModifyIndex: tx.index,
  };
  const next = carryOn(tx, current, version, nowMs);
  tx.putJob(next);
  return next;
}

/** Says that a version is, or is not, one to come back to. */
export async function setJobStability(
  context: JobContext,
  request: StabilityRequest,
): Promise<{ readonly JobModifyIndex: number; readonly Index: number }> {
  const { index, result } = await context.state.update((tx) => {
    const current = jobOf(tx, request);
    const version = versionOf(tx, current, request.version);
    if (version.Stable !== request.stable) tx.touchJob({ ...version, Stable: request.stable });
    return current.JobModifyIndex;
  });
  return { JobModifyIndex: result, Index: index };
}

/** One transaction: what changes, and the evaluation that brings it about. */
async function change(
  { state, clock, newId }: JobContext,
  of: { readonly namespace: string; readonly jobId: string },
  apply: (tx: WriteTx, current: Job) => Job,
): Promise<JobChangeResult> {
  const { index, result } = await state.update((tx) => {
    const job = apply(tx, jobOf(tx, of));
    const evaluation = newEvaluation(job, { trigger: 'job-register', nowMs: clock.nowMs(), newId });
    tx.putEvaluation(evaluation);
    refreshJobStatus(tx, job.Namespace, job.ID);
    return { EvalID: evaluation.ID, JobModifyIndex: job.JobModifyIndex };
  });
  return { ...result, EvalCreateIndex: index, Index: index };
}

export function jobOf(tx: ReadTx, { namespace, jobId }: { readonly namespace: string; readonly jobId: string }): Job {
  const job = tx.job(namespace, jobId);
  if (!job) throw new SerinError('notFound', 'job not found');
  return job;
}

export function versionOf(tx: ReadTx, { Namespace, ID }: Job, version: number): Job {
  const found = tx.jobVersion(Namespace, ID, version);
  if (found) return found;
  throw new SerinError('lookupFailed', `job "${ID}" in namespace "${Namespace}" at version ${version} not found`);
}
