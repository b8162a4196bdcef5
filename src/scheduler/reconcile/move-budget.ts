/**
 * How many serving instances a step may move off draining nodes at once. The drain has chosen them by the same budget, but
 * between its choice and this step a node may have been lost, the count raised, or an update may have taken some.
 */
import type { Allocation } from '../../model/allocation.ts';
import { disruptionRoom } from '../../model/disruption.ts';
import { epochMsOf, MILLISECOND } from '../../model/nanos.ts';
import { isResting } from './resting.ts';
import { type Entry, isCanary } from './slots.ts';
import type { Step } from './step.ts';

export interface MoveBudget {
  disruptions: number;
}

export function roomForMoves(step: Step): number {
  const { group, entries, canStay } = step.situation;
  if (!group) return Number.POSITIVE_INFINITY;
  const stopped = new Set(step.draft.stops.map(({ alloc }) => alloc.ID));
  const places = entries.filter(
    (entry) => !stopped.has(entry.alloc.ID) && !isCanary(entry) && !isResting(entry.alloc, canStay),
  );
  const serving = places.filter((entry) => entry.serving).length;
  const ill = step.kept.filter(({ head }) => !stopped.has(head.alloc.ID) && isIll(step, head)).length;
  const updates = group.Update?.MaxParallel || group.Count;
  const maxParallel = Math.max(updates, group.Migrate?.MaxParallel ?? 1);
  return disruptionRoom({ count: step.wanted, maxParallel, serving: serving + ill });
}

/** Takes one that serves away now, if its group and its service can do without. */
export function takeMove(step: Step, alloc: Allocation, budget: MoveBudget): boolean {
  const inTurn = step.situation.leavesInTurn(alloc);
  if (inTurn && budget.disruptions <= 0) return false;
  if (!step.takeServing()) return false;
  budget.disruptions--;
  return true;
}

/** It holds a place and fails by itself, or has had its `healthy_deadline`: a drain does not wait for it. */
function isIll({ situation: { group, nowMs } }: Step, { alloc, class: kind, serving }: Entry): boolean {
  if (serving) return false;
  if (kind === 'failed' || kind === 'delayed') return true;
  if (kind !== 'live' && kind !== 'migrating') return false;
  const deadlineMs = (group?.Migrate?.HealthyDeadline ?? 0) / MILLISECOND;
  return alloc.DeploymentStatus?.Healthy === false || nowMs - epochMsOf(alloc.CreateTime) >= deadlineMs;
}
