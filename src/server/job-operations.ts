/** Registering, planning, stopping and evaluating jobs: all or nothing, each in one transaction. */
import type { Clock } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import { canonicalizeJob } from '../model/canonicalize.ts';
import { annotateDiff } from '../model/diff/annotate-diff.ts';
import { diffJobs } from '../model/diff/diff-jobs.ts';
import { flatErrors, renderWarnings, topLevelErrors } from '../model/error-tree.ts';
import type { EvalTrigger } from '../model/evaluation.ts';
import { DEFAULT_NAMESPACE, type Job, type JobRequest, withoutTag } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import { requestProblemsError } from '../model/request-fields.ts';
import { specChanged } from '../model/update-kind.ts';
import { invalidJobError, type JobVerdict, validateJob } from '../model/validate.ts';
import { schedule } from '../scheduler/schedule.ts';
import type { State } from '../state/state.ts';
import type { ReadTx, WriteTx } from '../state/types.ts';
import { carryOn } from './carry-on.ts';
import { courseOf } from './course.ts';
import { dataPlaneLimits } from './data-plane-limits.ts';
import { newEvaluation } from './evaluations.ts';
import { scheduleInput } from './evaluator.ts';
import { ignoredBlocks } from './ignored-blocks.ts';
import { refreshJobStatus } from './job-status.ts';
import { cutKillTimeouts } from './kill-timeouts.ts';
import { lostApp } from './lost-app.ts';
import { missingConsul } from './missing-consul.ts';
import type {
  EvalResult,
  PlanRequest,
  PlanResult,
  RegisterRequest,
  RegisterResult,
  ValidateResult,
} from './operations.ts';
import { refuseTakenRoutes, routeWarnings, takenRoutes } from './routes.ts';
import { unsupportedKinds } from './supported-jobs.ts';

export interface JobContext {
  readonly state: State;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** The canonical job of a request, with everything that is wrong with it. Throws only for what is not a job at all. */
export function validated(request: JobRequest | undefined): ValidateResult {
  const job = readJob(request);
  const { errors, warnings } = judged(job);
  return { job, errors: topLevelErrors(errors), warnings };
}

function readJob(request: JobRequest | undefined): Job {
  if (!request || typeof request !== 'object') throw new SerinError('badRequest', 'Job must be specified');
  if (!request.ID) throw new SerinError('badRequest', "Job ID hasn't been provided");
  const { job, problems } = canonicalizeJob(request);
  if (problems.length > 0) throw requestProblemsError('the job', problems);
  return job;
}

function validOrThrow(request: JobRequest): { readonly job: Job; readonly warnings: readonly string[] } {
  const job = readJob(request);
  const { errors, warnings } = judged(job);
  const error = invalidJobError(errors);
  if (error) throw error;
  if (job.Namespace !== DEFAULT_NAMESPACE)
    throw new SerinError('refused', `job "${job.ID}" is in nonexistent namespace "${job.Namespace}"`);
  return { job, warnings };
}

function judged(job: Job): JobVerdict {
  const { errors, warnings } = validateJob(job);
  return {
    errors: { ...errors, children: [...errors.children, ...unsupportedKinds(job)] },
    warnings: [...warnings, ...ignoredBlocks(job)],
  };
}

export async function registerJob(context: JobContext, request: RegisterRequest): Promise<RegisterResult> {
  const { job, warnings } = validOrThrow(request.Job);
  const { index, result } = await context.state.update((tx) => {
    const current = tx.job(job.Namespace, job.ID);
    enforceIndex(request, current);
    refuseTakenRoutes(tx, job);
    const routes = [...routeWarnings(current, job), ...lostApp(current, job), ...missingConsul(job, tx.nodes())];
    const limits = dataPlaneLimits(job, tx.ingresses());
    const stored = store(tx, current, withCounts(request, current, job), context);
    const evaluation = newEvaluation(stored, {
      trigger: 'job-register',
      nowMs: context.clock.nowMs(),
      newId: context.newId,
    });
    tx.putEvaluation(evaluation);
    refreshJobStatus(tx, job.Namespace, job.ID);
    const heard = [...warnings, ...cutKillTimeouts(job, tx.nodes()), ...routes, ...limits];
    return { evalId: evaluation.ID, jobModifyIndex: stored.JobModifyIndex, warnings: heard };
  });
  return {
    EvalID: result.evalId,
    EvalCreateIndex: index,
    JobModifyIndex: result.jobModifyIndex,
    Warnings: renderWarnings(result.warnings),
    Index: index,
  };
}

/** Registers a job that another operation has made, as a part of its transaction. */
export function registerIn(tx: WriteTx, context: JobContext, request: JobRequest): Job {
  const { job } = validOrThrow(request);
  refuseTakenRoutes(tx, job);
  const stored = store(tx, tx.job(job.Namespace, job.ID), job, context);
  evaluateIn(tx, context, stored, 'job-register');
  return stored;
}

/** What speaks against registering it now, in sentences: its own mistakes, and routes of others; `gone`: ids of jobs that go. */
export function refusalsOf(tx: ReadTx, request: JobRequest, gone: ReadonlySet<string> = new Set()): string[] {
  const job = readJob(request);
  const errors = flatErrors(judged(job).errors);
  return errors.length > 0 ? errors : takenRoutes(tx, job, gone);
}

/** Takes a job away, as a part of another operation's transaction; its instances stop. */
export function purgeIn(tx: WriteTx, context: JobContext, job: Job): void {
  tx.deleteJob(job.Namespace, job.ID);
  evaluateIn(tx, context, job, 'job-deregister');
}

function evaluateIn(tx: WriteTx, { clock, newId }: JobContext, job: Job, trigger: EvalTrigger): void {
  tx.putEvaluation(newEvaluation(job, { trigger, nowMs: clock.nowMs(), newId }));
  refreshJobStatus(tx, job.Namespace, job.ID);
}

/** What a registration would do, without doing it. */
export async function planJob(context: JobContext, request: PlanRequest): Promise<PlanResult> {
  const { job, warnings } = validOrThrow(request.Job);
  const { state, clock, newId } = context;
  return state.view((tx) => {
    refuseTakenRoutes(tx, job);
    const current = tx.job(job.Namespace, job.ID);
    const next = nextVersion(tx, current, job, clock.nowMs(), true);
    const planned = request.RevertOf === undefined ? next : { ...next, RevertOf: request.RevertOf };
    const evaluation = newEvaluation(planned, { trigger: 'job-register', nowMs: clock.nowMs(), newId });
    const input = scheduleInput(tx, state, evaluation, planned, clock.nowMs(), newId);
    const plan = schedule(input);
    const annotations = { DesiredTGUpdates: { ...plan.desired }, PreemptedAllocs: null };
    const diff = request.Diff ? annotateDiff(diffJobs(current, planned, { contextual: true }), annotations) : null;
    return {
      Annotations: annotations,
      FailedTGAllocs: Object.keys(plan.failedGroups).length > 0 ? { ...plan.failedGroups } : null,
      JobModifyIndex: current?.JobModifyIndex ?? 0,
      CreatedEvals: null,
      Diff: diff,
      NextPeriodicLaunch: null,
      Warnings: renderWarnings([
        ...warnings,
        ...cutKillTimeouts(job, tx.nodes()),
        ...routeWarnings(current, planned),
        ...lostApp(current, planned),
        ...missingConsul(job, tx.nodes()),
        ...dataPlaneLimits(job, tx.ingresses()),
      ]),
      Index: 0,
      HeldBack: { ...plan.heldBack },
      Course: courseOf(planned, plan, input.allocs),
    };
  });
}

export async function deregisterJob(
  context: JobContext,
  namespace: string,
  jobId: string,
  options: { readonly purge: boolean },
): Promise<EvalResult & { readonly JobModifyIndex: number }> {
  const { index, result } = await context.state.update((tx) => {
    const job = tx.job(namespace, jobId);
    const evaluation = newEvaluation(job ?? gone(namespace, jobId), {
      trigger: 'job-deregister',
      nowMs: context.clock.nowMs(),
      newId: context.newId,
    });
    if (job && options.purge) tx.deleteJob(namespace, jobId);
    else if (job && !job.Stop)
      tx.putJob({
        ...withoutTag(job),
        Stop: true,
        Version: job.Version + 1,
        SubmitTime: nanosOf(context.clock.nowMs()),
        JobModifyIndex: tx.index,
      });
    tx.putEvaluation(evaluation);
    refreshJobStatus(tx, namespace, jobId);
    return { evalId: evaluation.ID };
  });
  return { EvalID: result.evalId, EvalCreateIndex: index, JobModifyIndex: index, Index: index };
}

export async function evaluateJob(
  context: JobContext,
  namespace: string,
  jobId: string,
  options: { readonly forceReschedule: boolean },
): Promise<EvalResult> {
  const { index, result } = await context.state.update((tx) => {
    const job = tx.job(namespace, jobId);
    if (!job) throw new SerinError('notFound', 'job not found');
    if (options.forceReschedule) forceReschedule(tx, job, context.clock.nowMs());
    const evaluation = newEvaluation(job, {
      trigger: 'job-register',
      nowMs: context.clock.nowMs(),
      newId: context.newId,
    });
    tx.putEvaluation(evaluation);
    return evaluation.ID;
  });
  return { EvalID: result, EvalCreateIndex: index, Index: index };
}

function enforceIndex(request: RegisterRequest, current: Job | undefined): void {
  if (!request.EnforceIndex) return;
  const wanted = request.JobModifyIndex ?? 0;
  const is = current?.JobModifyIndex;
  if (is === undefined && wanted === 0) return;
  if (is !== undefined && is === wanted) return;
  const why =
    is === undefined
      ? 'job does not exist'
      : wanted === 0
        ? 'job already exists'
        : `job exists with conflicting job modify index: ${is}`;
  throw new SerinError('indexConflict', `Enforcing job modify index ${wanted}: ${why}`);
}

function withCounts(request: RegisterRequest, current: Job | undefined, job: Job): Job {
  if (!request.PreserveCounts || !current) return job;
  const counts = new Map(current.TaskGroups.map((group) => [group.Name, group.Count]));
  return {
    ...job,
    TaskGroups: job.TaskGroups.map((group) => ({ ...group, Count: counts.get(group.Name) ?? group.Count })),
  };
}

/** A registration that changes nothing is no new version. */
function store(tx: WriteTx, current: Job | undefined, job: Job, context: JobContext): Job {
  if (current && !specChanged(current, job)) return current;
  const nowMs = context.clock.nowMs();
  const next = carryOn(tx, current, nextVersion(tx, current, job, nowMs, false), nowMs);
  tx.putJob(next);
  return next;
}

function nextVersion(tx: ReadTx, current: Job | undefined, job: Job, nowMs: number, isDryRun: boolean): Job {
  if (current && !specChanged(current, job)) return current;
  const index = isDryRun ? tx.index + 1 : tx.index;
  return {
    ...job,
    Status: current?.Status ?? 'pending',
    Stable: false,
    Version: ((current ?? newestKept(tx, job))?.Version ?? -1) + 1,
    SubmitTime: nanosOf(nowMs),
    CreateIndex: current?.CreateIndex ?? index,
    ModifyIndex: index,
    JobModifyIndex: index,
  };
}

/** Instances of a purged job may still be ending: their version's number is not given to another one. */
const newestKept = (tx: ReadTx, job: Job): Job | undefined => tx.jobVersions(job.Namespace, job.ID)[0];

function forceReschedule(tx: WriteTx, job: Job, nowMs: number): void {
  for (const alloc of tx.allocsByJob(job.Namespace, job.ID)) {
    if (alloc.ClientStatus !== 'failed' || alloc.DesiredStatus !== 'run' || alloc.NextAllocation !== '') continue;
    tx.putAlloc({
      ...alloc,
      DesiredTransition: { Migrate: null, Reschedule: null, ForceReschedule: true },
      ModifyTime: nanosOf(nowMs),
    });
  }
}

const gone = (namespace: string, jobId: string) => ({
  ID: jobId,
  Namespace: namespace,
  Priority: 50,
  Type: 'service' as const,
  JobModifyIndex: 0,
});
