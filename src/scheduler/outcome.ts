/** What became of a plan's requests: kept as they are placed, one by one. */
import type { Allocation, AllocMetric } from '../model/allocation.ts';
import { findGroup, type TaskGroup } from '../model/job.ts';
import { exhaustedResources } from './place/metric.ts';
import type { Placed } from './place/placer.ts';
import type { PlacementRequest } from './reconcile/decision.ts';
import type { Reconciled } from './reconcile/reconcile.ts';
import { releaseForRoom } from './reconcile/release.ts';
import type { PlannedStop, ScheduleInput } from './types.ts';

export class Outcome {
  readonly placements: Allocation[] = [];
  readonly stops: PlannedStop[] = [];
  readonly failed: Record<string, AllocMetric> = {};
  readonly queued: Record<string, number> = {};
  /** Of those that waited for others to take over: how many go after all. */
  readonly released = new Map<string, number>();
  /** Of those that were to start beside their predecessor: how many take its very room instead. */
  readonly inRoom = new Map<string, number>();

  begin(group: string): void {
    this.queued[group] = 0;
  }

  note(request: PlacementRequest, result: Placed | AllocMetric): void {
    if ('row' in result) this.#keep(request, result);
    else this.#fail(request.group, result);
  }

  #keep(request: PlacementRequest, { row, stopsPrevious }: Placed): void {
    this.placements.push(row);
    if (!stopsPrevious || !request.stop) return;
    this.stops.push(request.stop);
    const { Name } = request.group;
    if (request.stopWhen === 'in its room') this.inRoom.set(Name, (this.inRoom.get(Name) ?? 0) + 1);
  }

  #fail(group: TaskGroup, metric: AllocMetric): void {
    const { Name } = group;
    const failures = (this.queued[Name] ?? 0) + 1;
    const ResourcesExhausted = exhaustedResources(group, metric.DimensionExhausted, failures);
    this.failed[Name] = { ...(this.failed[Name] ?? metric), CoalescedFailures: failures - 1, ResourcesExhausted };
    this.queued[Name] = failures;
  }
}

/** Lets some of those go that wait for others to take over, where the others found no room because of them. */
export function release({ job }: ScheduleInput, reconciled: Reconciled, outcome: Outcome): void {
  if (reconciled.groups.every((group) => group.waiting.length === 0)) return;
  const released = releaseForRoom({
    ...reconciled,
    failed: (group) => outcome.queued[group] ?? 0,
    placed: (group) => outcome.placements.filter((row) => row.TaskGroup === group).length,
    maxParallel: (group) => (job && findGroup(job, group)?.Update?.MaxParallel) || 0,
  });
  for (const { group, stops } of released) {
    outcome.stops.push(...stops);
    outcome.released.set(group, stops.length);
  }
}
