/** What a plan means for one group, now and later: the facts behind the sentences of its course. */
import type { Allocation } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import type { Plan } from '../scheduler/types.ts';

export interface GroupCourse {
  readonly group: TaskGroup;
  /** Instances of the old version that are replaced, now and later. */
  readonly replaced: number;
  /** New ones that come first, and wait for promotion. */
  readonly canaries: number;
  readonly isBlueGreen: boolean;
  /** Instances of the old version that run now. */
  readonly running: number;
  readonly plan: Plan;
}

export function groupCourse(group: TaskGroup, plan: Plan, allocs: readonly Allocation[]): GroupCourse {
  const { DestructiveUpdate = 0, Canary = 0 } = plan.desired[group.Name] ?? {};
  const later = DestructiveUpdate > 0 ? (plan.heldBack[group.Name]?.count ?? 0) : 0;
  return {
    group,
    replaced: DestructiveUpdate + later,
    canaries: Canary,
    isBlueGreen: Canary > 0 && (group.Update?.Canary ?? 0) >= group.Count,
    running: allocs.filter((alloc) => alloc.TaskGroup === group.Name && isRunning(alloc)).length,
    plan,
  };
}

const isRunning = (alloc: Allocation): boolean =>
  alloc.DesiredStatus === 'run' && alloc.ClientStatus === 'running' && alloc.DeploymentStatus?.Canary !== true;
