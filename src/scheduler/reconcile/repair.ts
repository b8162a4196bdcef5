/** Instances that are lost, that failed and are tried again, and that must leave their node. */
import type { Evaluation } from '../../model/evaluation.ts';
import type { Job } from '../../model/job.ts';
import { StopReasons } from './decision.ts';
import { followup } from './followups.ts';
import { failedNodes, trackedAfter } from './reschedule.ts';
import { isCanary, type Slot } from './slots.ts';
import type { Step } from './step.ts';

export function repair(step: Step): void {
  for (const slot of step.kept) {
    if (slot.head.class === 'lost') replaceLost(step, slot);
    else if (slot.head.class === 'retry') retry(step, slot);
    else if (slot.head.class === 'migrating') migrate(step, slot);
  }
}

function replaceLost(step: Step, slot: Slot): void {
  step.touched.add(slot);
  step.draft.desired.Stop++;
  const job = repairVersion(step, slot);
  if (!job) return;
  step.draft.desired.Place++;
  step.request({ name: slot.name, job, previous: slot.head.alloc, isCanary: staysCanary(step, slot) });
}

function retry(step: Step, slot: Slot): void {
  const { group, nowMs } = step.situation;
  const job = repairVersion(step, slot);
  if (!job || !group) return;
  const { alloc } = slot.head;
  step.touched.add(slot);
  step.draft.desired.Place++;
  step.request({
    name: slot.name,
    job,
    previous: alloc,
    tracker: trackedAfter(alloc, group.ReschedulePolicy, nowMs),
    avoidNodes: failedNodes(alloc),
    isCanary: staysCanary(step, slot),
    stop: { alloc, description: StopReasons.rescheduled },
  });
}

/** It leaves at once, unless it is the last that serves: then its successor comes first. */
function migrate(step: Step, slot: Slot): void {
  const { alloc, serving } = slot.head;
  step.touched.add(slot);
  step.draft.desired.Migrate++;
  const stop = { alloc, description: StopReasons.migrating };
  const job = repairVersion(step, slot);
  const successor = {
    name: slot.name,
    previous: alloc,
    tracker: alloc.RescheduleTracker,
    isCanary: staysCanary(step, slot),
  };
  const isLast = serving && !step.takeServing();
  if (!isLast) step.draft.stops.push(stop);
  if (!job) return;
  if (isLast) step.requestBeside({ ...successor, job, stop });
  else step.request({ ...successor, job });
}

const staysCanary = (step: Step, { head }: Slot): boolean =>
  step.awaitsPromotion && isCanary(head) && step.isCurrent(head);

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
  if (step.isFrozen || (step.room === 0 && own)) return own;
  takeRoom(step);
  return job;
}

function takeRoom(step: Step): void {
  step.room = Math.max(0, step.room - 1);
}

/** Failed instances that are tried again later: one evaluation per moment, noted on the rows that wait for it. */
export function delayRetries(step: Step): void {
  const { evaluation, job, newId, nowMs, retryOf } = step.situation;
  const byMoment = new Map<number, Evaluation>();
  for (const slot of step.kept) {
    if (slot.head.class !== 'delayed' || step.touched.has(slot) || slot.head.alloc.FollowupEvalID !== '') continue;
    const answer = retryOf(slot.head.alloc);
    if (answer.kind !== 'later') continue;
    const { atMs } = answer;
    const timer = byMoment.get(atMs) ?? followup({ evaluation, job, newId, nowMs, trigger: 'alloc-failure', atMs });
    byMoment.set(atMs, timer);
    step.draft.delayed.push({ ...slot.head.alloc, FollowupEvalID: timer.ID });
  }
  step.draft.followups.push(...byMoment.values());
}
