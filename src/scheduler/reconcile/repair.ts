/** Instances that are lost, that failed and are tried again, and that must leave their node. */
import type { Allocation } from '../../model/allocation.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import type { Job } from '../../model/job.ts';
import { StopReasons } from './decision.ts';
import { baseVersion } from './fill-up.ts';
import { followup } from './followups.ts';
import { type MoveBudget, roomForMoves, takeMove } from './move-budget.ts';
import { failedNodes, trackedAfter } from './reschedule.ts';
import type { Entry, Slot } from './slots.ts';
import type { Step } from './step.ts';

export function repair(step: Step): void {
  const budget: MoveBudget = { disruptions: roomForMoves(step) };
  for (const slot of step.kept) {
    if (slot.head.class === 'lost') replaceLost(step, slot);
    else if (slot.head.class === 'inactive') standIn(step, slot);
    else if (slot.head.class === 'retry') retry(step, slot);
    else if (slot.head.class === 'migrating') migrate(step, slot, budget);
  }
}

function replaceLost(step: Step, slot: Slot): void {
  step.touched.add(slot);
  replaceGone(step, slot.head.alloc, repairVersion(step, slot), false);
}

/** Its node may come back: nothing is taken away from it, and another takes its name meanwhile. */
function standIn(step: Step, slot: Slot): void {
  step.touched.add(slot);
  const job = repairVersion(step, slot);
  const { alloc } = slot.head;
  if (job && step.request({ name: slot.name, job, previous: alloc, tracker: alloc.RescheduleTracker }))
    step.draft.desired.Place++;
}

function retry(step: Step, slot: Slot): void {
  const job = repairVersion(step, slot);
  if (!job) return;
  step.touched.add(slot);
  replaceFailed(step, slot.head.alloc, job, false);
}

/** One whose node is gone: it is counted as stopped, and another takes its name where it is to have a successor. */
export function replaceGone(step: Step, alloc: Allocation, job: Job | undefined, isCanary: boolean): void {
  step.draft.desired.Stop++;
  if (!job) return;
  // What failed before its node went counts on.
  const fields = { name: alloc.Name, job, previous: alloc, tracker: alloc.RescheduleTracker, isCanary };
  if (step.request(fields)) step.draft.desired.Place++;
}

/** One that failed is tried again, on another node if others are as good. */
export function replaceFailed(step: Step, alloc: Allocation, job: Job, isCanary: boolean): void {
  const { group, nowMs } = step.situation;
  if (!group) return;
  const isAsked = step.request({
    name: alloc.Name,
    job,
    previous: alloc,
    tracker: trackedAfter(alloc, group.ReschedulePolicy, nowMs),
    avoidNodes: failedNodes(alloc),
    isCanary,
    stop: { alloc, description: StopReasons.rescheduled },
  });
  if (isAsked) step.draft.desired.Place++;
}

/** It leaves at once while its group can spare it; else its successor comes first. */
function migrate(step: Step, slot: Slot, budget: MoveBudget): void {
  const { alloc, serving } = slot.head;
  step.touched.add(slot);
  step.draft.desired.Migrate++;
  const stop = { alloc, description: StopReasons.migrating };
  const job = repairVersion(step, slot);
  const successor = { name: slot.name, previous: alloc, tracker: alloc.RescheduleTracker };
  const isNeeded = serving && !takeMove(step, alloc, budget);
  if (!isNeeded) step.draft.stops.push(stop);
  if (!job) return;
  if (isNeeded) step.requestBeside({ ...successor, job, stop });
  else step.request({ ...successor, job });
}

/**
 * The version that takes the place of one that is gone: the new one where the update may go on, its own where it may
 * not, and nothing where the failed deployment brought it and it never served.
 */
function repairVersion(step: Step, { head }: Slot): Job | undefined {
  const { job, course, jobVersion } = step.situation;
  const { alloc } = head;
  if (step.isCurrent(head)) {
    const neverServed = alloc.DeploymentStatus?.Healthy !== true && alloc.DeploymentID === course.deployment?.ID;
    // A loss and an update share one budget: what the loss took, the update has to leave.
    takeRoom(step);
    return course.kind === 'failed' && neverServed ? undefined : job;
  }
  const own = jobVersion(alloc.JobVersion);
  // Its version may be forgotten; nothing of the new one comes in beside its canaries.
  if (step.awaitsPromotion) return own ?? baseVersion(step, step.kept);
  if (step.isFrozen || (step.room === 0 && own)) return own;
  takeRoom(step);
  return job;
}

function takeRoom(step: Step): void {
  step.room = Math.max(0, step.room - 1);
}

/** Failed instances that are tried again later: one evaluation per moment, noted on the rows that wait for it. */
export function delayRetries(step: Step, canaries: readonly Entry[]): void {
  const { evaluation, job, newId, nowMs, retryOf } = step.situation;
  const heads = step.kept.filter((slot) => !step.touched.has(slot)).map((slot) => slot.head);
  const byMoment = new Map<number, Evaluation>();
  for (const { alloc, class: kind } of [...heads, ...canaries]) {
    if (kind !== 'delayed' || alloc.FollowupEvalID !== '') continue;
    const answer = retryOf(alloc);
    if (answer.kind !== 'later') continue;
    const { atMs } = answer;
    const timer = byMoment.get(atMs) ?? followup({ evaluation, job, newId, nowMs, trigger: 'alloc-failure', atMs });
    byMoment.set(atMs, timer);
    step.draft.delayed.push({ ...alloc, FollowupEvalID: timer.ID });
  }
  step.draft.followups.push(...byMoment.values());
}
