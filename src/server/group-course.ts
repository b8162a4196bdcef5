/** What a plan means for one group, now and later: the facts behind the sentences of its course. */
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Job, TaskGroup } from '../model/job.ts';
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

export function groupCourse(group: TaskGroup, job: Job, plan: Plan, allocs: readonly Allocation[]): GroupCourse {
  const { Canary = 0 } = plan.desired[group.Name] ?? {};
  const ours = allocs.filter((alloc) => alloc.TaskGroup === group.Name);
  return {
    group,
    replaced: replacedCount(group.Name, job, plan, ours),
    canaries: Canary,
    isBlueGreen: Canary > 0 && (group.Update?.Canary ?? 0) >= group.Count,
    running: ours.filter(isRunning).length,
    plan,
  };
}

/**
 * Whoever is wanted at another version, unless it stays in place or just stops. What the plan holds back has one reason,
 * the first of several, and its count is of that reason alone.
 */
function replacedCount(name: string, job: Job, plan: Plan, allocs: readonly Allocation[]): number {
  const { DestructiveUpdate = 0, Stop = 0 } = plan.desired[name] ?? {};
  if (DestructiveUpdate === 0 && plan.heldBack[name] === undefined) return 0;
  const staying = new Set(plan.inPlace.map(({ ID }) => ID));
  const outdated = allocs.filter(
    (alloc) => alloc.JobVersion !== job.Version && isWanted(alloc) && !staying.has(alloc.ID),
  );
  return Math.max(DestructiveUpdate, outdated.length - Stop);
}

/** Those of the set that serves: canaries and what rests after a promotion are sets of their own. */
const isPlace = ({ DesiredStatus, DeploymentStatus, RestsUntilMs }: Allocation): boolean =>
  DesiredStatus === 'run' && DeploymentStatus?.Canary !== true && RestsUntilMs === undefined;

const isWanted = (alloc: Allocation): boolean => isPlace(alloc) && !isClientTerminal(alloc);

const isRunning = (alloc: Allocation): boolean => isPlace(alloc) && alloc.ClientStatus === 'running';
