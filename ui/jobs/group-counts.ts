/** What each group of a job has of instances, against what it shall have: pure. */
import type { AllocStub } from '../../src/api/views.ts';
import { isClientTerminal, isDesiredTerminal } from '../../src/model/allocation.ts';
import type { Job } from '../../src/model/job.ts';

export interface GroupCounts {
  readonly name: string;
  /** Of an own count; a system job has one on each node that fits, and no number. */
  readonly desired: number | undefined;
  /** Wanted and running. */
  readonly running: number;
  /** Wanted, placed, and not running yet. */
  readonly starting: number;
  /** Of those that run: judged healthy. */
  readonly healthy: number;
  readonly unhealthy: number;
  /** Nobody judges the health of batch work. */
  readonly isJudged: boolean;
  /** Not wanted any more, and not ended yet. */
  readonly stopping: number;
  /** Ended badly, and wanted. */
  readonly failed: number;
}

export const groupCounts = (job: Job, allocs: readonly AllocStub[]): readonly GroupCounts[] =>
  job.TaskGroups.map((group) =>
    countsOf(
      group.Name,
      job.Type === 'system' || job.Type === 'sysbatch' ? undefined : job.Stop ? 0 : group.Count,
      allocs.filter(({ TaskGroup }) => TaskGroup === group.Name),
    ),
  );

function countsOf(name: string, desired: number | undefined, allocs: readonly AllocStub[]): GroupCounts {
  const wanted = allocs.filter((alloc) => !isDesiredTerminal(alloc));
  const running = wanted.filter(({ ClientStatus }) => ClientStatus === 'running');
  const judged = (health: boolean) => running.filter((alloc) => alloc.DeploymentStatus?.Healthy === health).length;
  return {
    name,
    desired,
    running: running.length,
    starting: wanted.filter(({ ClientStatus }) => ClientStatus === 'pending').length,
    healthy: judged(true),
    unhealthy: judged(false),
    isJudged: allocs.some(({ DeploymentStatus }) => DeploymentStatus != null),
    stopping: allocs.filter((alloc) => isDesiredTerminal(alloc) && !isClientTerminal(alloc)).length,
    failed: wanted.filter(({ ClientStatus }) => ClientStatus === 'failed' || ClientStatus === 'lost').length,
  };
}
