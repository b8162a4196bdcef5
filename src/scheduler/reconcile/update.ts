/** Moves places to the new version: in place what can stay, the others batch by batch. */
import { disruptionRoom } from '../../model/disruption.ts';
import { epochMsOf, MILLISECOND } from '../../model/nanos.ts';
import { surgeOf } from '../../model/surge.ts';
import type { PlannedStop } from '../types.ts';
import { isDeployed } from './course.ts';
import { StopReasons } from './decision.ts';
import { isResting } from './resting.ts';
import { updateRoom } from './serving.ts';
import { isCanary, type Slot } from './slots.ts';
import type { RequestFields, Step } from './step.ts';

/** Instances looked at between two yields: about a millisecond of work. */
const SLICE = 500;

export function* update(step: Step): Generator<void, void> {
  if (step.isFrozen) return;
  const outdated = step.kept.filter((slot) => step.isOutdated(slot));
  const replaced: Slot[] = [];
  let looked = 0;
  for (const slot of outdated) {
    if (step.stays(slot)) updateInPlace(step, slot);
    else replaced.push(slot);
    if (++looked % SLICE === 0) yield;
  }
  if (replaced.length > 0 && !step.awaitsPromotion) updateBatch(step, replaced);
}

/** How many places may be moved to the new version now, given that the step places some anyway. */
export function roomForUpdates(step: Step, placed: number): number {
  const { job, group } = step.situation;
  if (!group || step.isFrozen || step.awaitsPromotion) return 0;
  if (!isDeployed(job, group)) return Number.POSITIVE_INFINITY;
  return updateRoom(group.Update?.MaxParallel ?? 0, step.draft.unproven, placed);
}

/** Of this deployment, and not yet found healthy. */
export function isUnproven(step: Step, { head }: Slot): boolean {
  const ours = step.isCurrent(head) && head.alloc.DeploymentID === step.situation.course.deployment?.ID;
  return ours && head.alloc.DeploymentStatus?.Healthy !== true;
}

function updateInPlace(step: Step, slot: Slot): void {
  const { job, evaluation } = step.situation;
  step.touched.add(slot);
  if (step.isCurrent(slot.head)) {
    step.carryOn(slot.head.alloc);
    return;
  }
  const { RestsUntilMs: _, ...alloc } = slot.head.alloc;
  step.draft.desired.InPlaceUpdate++;
  step.draft.inPlace.push({
    ...alloc,
    EvalID: evaluation.ID,
    JobVersion: job.Version,
    DeploymentID: step.deploymentIdFor(job),
    DeploymentStatus: null,
    DesiredDescription: '',
  });
}

function updateBatch(step: Step, candidates: readonly Slot[]): void {
  const untilMs = intervalEndMs(step);
  if (untilMs <= step.situation.nowMs) startBatch(step, candidates);
  else waitForInterval(step, candidates.length, untilMs);
}

function waitForInterval(step: Step, count: number, untilMs: number): void {
  step.draft.heldBack = { reason: 'interval', count, untilMs };
  // The batch before has made the timer; only what the timer woke too early makes another.
  if (step.situation.evaluation.TriggeredBy !== 'deployment-watcher') step.draft.followups.push(step.nextLook(untilMs));
}

/** Whoever serves nothing goes first: nothing is lost with it. */
function startBatch(step: Step, candidates: readonly Slot[]): void {
  const ordered = [...candidates].sort((a, b) => Number(a.head.serving) - Number(b.head.serving));
  const budget = newBudget(step);
  const batch = ordered.slice(0, step.room).filter((slot) => replace(step, slot, budget));
  const rest = candidates.length - batch.length;
  if (rest > 0) holdRest(step, rest, batch.length > 0);
}

/** What a batch may still do: how many it may start above the count, and how many serving instances it may take away. */
interface BatchBudget {
  surge: number;
  disruptions: number;
}

/**
 * With a surge new instances start first, as far as it reaches; what `max_parallel` allows beyond it is stopped first.
 * What is away for any other reason (lost, migrated, restarting) has been taken from the same budget.
 */
function newBudget(step: Step): BatchBudget {
  const { group, job, entries } = step.situation;
  if (!group || !isDeployed(job, group)) return { surge: 0, disruptions: Number.POSITIVE_INFINITY };
  const { Count, Update } = group;
  const stopped = new Set(step.draft.stops.map(({ alloc }) => alloc.ID));
  const places = entries.filter(
    (entry) => !stopped.has(entry.alloc.ID) && !isCanary(entry) && !isResting(entry.alloc, step.situation.canStay),
  );
  // What this step has asked for already stands beside them.
  const asked = step.draft.requests.filter((request) => !request.isCanary).length;
  const there =
    asked + places.filter(({ class: kind }) => kind === 'live' || kind === 'migrating' || kind === 'unknown').length;
  const surge = surgeOf(Update!, Count);
  return {
    surge: Math.max(0, surge - Math.max(0, there - Count)),
    disruptions: disruptionRoom({
      count: Count,
      maxParallel: Math.max(0, Update!.MaxParallel - surge),
      serving: places.filter((entry) => entry.class === 'live' && entry.serving).length,
    }),
  };
}

/** Whether the slot was begun; one that would take away more than the group can spare waits for the next step. */
function replace(step: Step, slot: Slot, budget: BatchBudget): boolean {
  const { alloc } = slot.head;
  const fields = { name: slot.name, previous: alloc, stop: { alloc, description: StopReasons.updating } };
  step.forget(slot.head);
  if (!slot.head.serving) stopFirst(step, fields);
  else if (budget.surge > 0 && step.mayStart) {
    budget.surge--;
    step.requestBeside({ ...fields, stopWhen: 'proven' });
  } else if (budget.disruptions > 0 && step.takeServing()) {
    budget.disruptions--;
    stopFirst(step, fields);
  } else if (!step.mayTakeServing) step.requestBeside(fields);
  else return false;
  step.touched.add(slot);
  step.draft.desired.DestructiveUpdate++;
  return true;
}

/** Its successor comes with the stop; or, where there may not be one more instance, once it has gone. */
function stopFirst(step: Step, fields: RequestFields & { readonly stop: PlannedStop }): void {
  if (!step.request(fields)) step.draft.stops.push(fields.stop);
}

function holdRest(step: Step, count: number, started: boolean): void {
  const untilMs = step.situation.nowMs + intervalMs(step);
  if (!started || untilMs === step.situation.nowMs) {
    step.hold({ reason: 'max_parallel', count });
    return;
  }
  step.draft.heldBack = { reason: 'interval', count, untilMs };
  step.draft.followups.push(step.nextLook(untilMs));
}

const intervalMs = (step: Step): number => (step.situation.group?.Update?.BatchInterval ?? 0) / MILLISECOND;

/** When the next batch may start, as far as the interval between batches goes; 0: any time. */
function intervalEndMs(step: Step): number {
  const { course, group, entries } = step.situation;
  const interval = intervalMs(step);
  if (interval === 0 || course.kind !== 'running' || !group) return 0;
  const ours = entries.filter(({ alloc }) => alloc.DeploymentID === course.deployment?.ID);
  const batches = ours.filter(({ alloc }) => alloc.PreviousAllocation !== '');
  const noted = course.deployment?.TaskGroups[group.Name]?.LastBatchMs ?? 0;
  return batches.reduce((latest, { alloc }) => Math.max(latest, epochMsOf(alloc.CreateTime)), noted) + interval;
}
