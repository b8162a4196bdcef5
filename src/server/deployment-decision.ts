/**
 * What becomes of a running deployment: pure, one decision per look, level-triggered.
 *
 *              all healthy                 unhealthy for good, deadline passed, a person
 *   running ───────────────▶ successful       running | paused ─────────────────────▶ failed
 *   running ◀── pause, resume ──▶ paused
 *   running ── newer version, job stopped ─▶ cancelled     (the scheduler decides that)
 */
import { type Allocation, isTerminal } from '../model/allocation.ts';
import { type Deployment, DeploymentDescriptions, type DeploymentState } from '../model/deployment.ts';
import { findGroup, type Job, type TaskGroup } from '../model/job.ts';
import { MILLISECOND, ZERO_TIME } from '../model/nanos.ts';
import { isUsedUp } from '../scheduler/reconcile/reschedule.ts';
import { awaitsPromotion, promotionProblem } from './promotion.ts';

export type DeploymentDecision =
  | { readonly kind: 'fail'; readonly description: string; readonly autoRevert: boolean }
  | { readonly kind: 'succeed' }
  /** Every canary is healthy, and every group that has some says `auto_promote`. */
  | { readonly kind: 'promote'; readonly groups: readonly string[] }
  /** Failed instances that may be tried again elsewhere while the deadline has not passed. */
  | { readonly kind: 'reschedule'; readonly allocs: readonly Allocation[] }
  /** `batchDue`: the interval between batches has passed in a group that is not all healthy: the next one may go. */
  | { readonly kind: 'wait'; readonly untilMs: number | undefined; readonly batchDue: boolean };

export interface DeploymentSituation {
  readonly deployment: Deployment;
  /** The job at the deployment's version; undefined when it was forgotten. */
  readonly job: Job | undefined;
  /** The allocations of this deployment. */
  readonly allocs: readonly Allocation[];
  /** Instances of before that are still wanted in the deployment's groups, and do not rest: see `predecessorsOf`. */
  readonly predecessors?: readonly Allocation[];
  readonly nowMs: number;
}

/** The first rule that speaks decides. */
const RULES: readonly ((situation: DeploymentSituation) => DeploymentDecision | undefined)[] = [
  failUnhealthy,
  failDeadline,
  autoPromote,
  succeed,
  rescheduleFailed,
];

export function decideDeployment(situation: DeploymentSituation): DeploymentDecision {
  if (situation.deployment.Status !== 'running') return { kind: 'wait', untilMs: undefined, batchDue: false };
  for (const rule of RULES) {
    const decision = rule(situation);
    if (decision) return decision;
  }
  const batches = nextBatches(situation).map(({ atMs }) => atMs);
  const next = [...batches.filter((atMs) => atMs > situation.nowMs), ...deadlines(situation)];
  return {
    kind: 'wait',
    untilMs: next.length > 0 ? Math.min(...next) : undefined,
    batchDue: batches.some((atMs) => atMs <= situation.nowMs),
  };
}

/**
 * An unhealthy instance ends the deployment at once where nobody will try it again: no reschedule, none left, or no
 * deadline.
 */
function failUnhealthy({ deployment, job, allocs }: DeploymentSituation): DeploymentDecision | undefined {
  for (const alloc of allocs) {
    const isUnhealthy = alloc.DeploymentStatus?.Healthy === false;
    if (!isUnhealthy && !hasFailed(alloc)) continue;
    const state = deployment.TaskGroups[alloc.TaskGroup];
    const group = job && findGroup(job, alloc.TaskGroup);
    if (!state || !group || isPatient(job, state)) continue;
    if ((isUnhealthy && state.ProgressDeadline === 0) || !mayReschedule(group) || isGivenUp(alloc, group))
      return fail(DeploymentDescriptions.failedAllocations, state);
  }
  return undefined;
}

/**
 * Marathon tries again for as long as it takes; a deadline that its app asks for still ends it, and canaries that fail
 * lead back.
 */
export const isPatient = ({ Marathon }: Job, { AutoRevert }: DeploymentState): boolean =>
  Marathon !== undefined && !AutoRevert;

/** It was healthy, and has ended since without anybody in its place. */
const hasFailed = (alloc: Allocation): boolean =>
  alloc.ClientStatus === 'failed' && alloc.DesiredStatus === 'run' && alloc.NextAllocation === '';

const isGivenUp = (alloc: Allocation, group: TaskGroup): boolean =>
  hasFailed(alloc) && isUsedUp(alloc, group.ReschedulePolicy);

function failDeadline(situation: DeploymentSituation): DeploymentDecision | undefined {
  const late = againstTheClock(situation).find((state) => situation.nowMs >= deadlineMs(state));
  return late && fail(DeploymentDescriptions.progressDeadline, late);
}

function autoPromote({ deployment, allocs }: DeploymentSituation): DeploymentDecision | undefined {
  const waiting = Object.entries(deployment.TaskGroups).filter(([, state]) => awaitsPromotion(state));
  const isReady = waiting.every(
    ([name, state]) => state.AutoPromote && promotionProblem(name, state, allocs) === undefined,
  );
  return waiting.length > 0 && isReady ? { kind: 'promote', groups: waiting.map(([name]) => name) } : undefined;
}

function succeed(situation: DeploymentSituation): DeploymentDecision | undefined {
  return isComplete(situation) ? { kind: 'succeed' } : undefined;
}

function rescheduleFailed({ job, allocs }: DeploymentSituation): DeploymentDecision | undefined {
  const failed = allocs.filter(
    (alloc) =>
      alloc.DesiredStatus === 'run' &&
      alloc.DeploymentStatus?.Healthy === false &&
      alloc.NextAllocation === '' &&
      alloc.DesiredTransition?.Reschedule !== true &&
      job !== undefined &&
      mayReschedule(findGroup(job, alloc.TaskGroup)),
  );
  return failed.length > 0 ? { kind: 'reschedule', allocs: failed } : undefined;
}

function fail(description: string, state: DeploymentState): DeploymentDecision {
  return { kind: 'fail', description, autoRevert: state.AutoRevert };
}

interface OpenGroup {
  readonly name: string;
  readonly state: DeploymentState;
  /** Instances that are healthy now. The deployment's own count says what was once: one that is lost must come again. */
  readonly healthy: number;
}

/** What the clock of a deployment goes by. */
type Progress = Pick<DeploymentSituation, 'deployment' | 'allocs' | 'predecessors'>;

/** Of all instances of the job, those whose place a deployment has yet to take over: it ends only when they have gone. */
export function predecessorsOf(deployment: Deployment, allocs: readonly Allocation[]): Allocation[] {
  return allocs.filter(
    (alloc) =>
      alloc.TaskGroup in deployment.TaskGroups &&
      alloc.JobVersion < deployment.JobVersion &&
      alloc.DeploymentID !== deployment.ID &&
      alloc.RestsUntilMs === undefined &&
      alloc.Disconnected === undefined &&
      !isTerminal(alloc),
  );
}

/** Whether every group has all of its instances, healthy, and nobody has to promote anything. */
export const isComplete = (progress: Progress): boolean => unfinished(progress).length === 0;

/** When the deployment fails unless another instance becomes healthy; undefined: no clock runs. */
export function nextDeadlineMs(progress: Progress): number | undefined {
  const times = deadlines(progress);
  return times.length > 0 ? Math.min(...times) : undefined;
}

function unfinished({ deployment, allocs, predecessors = [] }: Progress): OpenGroup[] {
  const counts = healthyNow(allocs);
  const held = new Set(predecessors.map(({ TaskGroup }) => TaskGroup));
  return Object.entries(deployment.TaskGroups)
    .map(([name, state]) => ({ name, state, healthy: counts.get(name) ?? 0 }))
    .filter(({ name, state, healthy }) => healthy < state.DesiredTotal || awaitsPromotion(state) || held.has(name));
}

function healthyNow(allocs: readonly Allocation[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const alloc of allocs) {
    if (isTerminal(alloc) || alloc.Disconnected || alloc.DeploymentStatus?.Healthy !== true) continue;
    counts.set(alloc.TaskGroup, (counts.get(alloc.TaskGroup) ?? 0) + 1);
  }
  return counts;
}

/** A person may take their time: healthy canaries that wait to be promoted are not late. */
function againstTheClock(situation: Progress): DeploymentState[] {
  return unfinished(situation)
    .filter(({ state, healthy }) => !awaitsPromotion(state) || state.AutoPromote || healthy < state.DesiredCanaries)
    .map(({ state }) => state);
}

function deadlines(situation: Progress): number[] {
  return againstTheClock(situation).map(deadlineMs).filter(Number.isFinite);
}

export interface NextBatch {
  readonly group: string;
  readonly atMs: number;
}

/** When the next batch may start, in the groups that have an interval and are not all healthy. What was placed says nothing: lost ones are placed again. */
export function nextBatches(situation: Progress & Pick<DeploymentSituation, 'job'>): NextBatch[] {
  return unfinished(situation).flatMap(({ name, state, healthy }) => {
    const interval = (situation.job && findGroup(situation.job, name)?.Update?.BatchInterval) ?? 0;
    if (interval === 0 || state.LastBatchMs === undefined || healthy >= state.DesiredTotal) return [];
    return [{ group: name, atMs: state.LastBatchMs + interval / MILLISECOND }];
  });
}

function deadlineMs(state: DeploymentState): number {
  return state.RequireProgressBy === ZERO_TIME ? Number.POSITIVE_INFINITY : Date.parse(state.RequireProgressBy);
}

function mayReschedule(group: TaskGroup | undefined): boolean {
  const policy = group?.ReschedulePolicy;
  return policy !== undefined && (policy.Unlimited || policy.Attempts > 0);
}
