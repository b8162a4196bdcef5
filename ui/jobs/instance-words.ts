/** How many instances a job of a list has, in which state; what is over is not counted. */
import type { JobStub } from '../../src/api/views.ts';

export interface InstanceCounts {
  readonly running: number;
  readonly starting: number;
  /** Wanted, and not placed. */
  readonly queued: number;
}

export function countsOf({ JobSummary }: Pick<JobStub, 'JobSummary'>): InstanceCounts {
  const groups = Object.values(JobSummary?.Summary ?? {});
  const sum = (key: 'Running' | 'Starting' | 'Queued') => groups.reduce((total, group) => total + group[key], 0);
  return { running: sum('Running'), starting: sum('Starting'), queued: sum('Queued') };
}

/** "5 running, 1 without a place"; "none" where there is nothing. */
export function countWords({ running, starting, queued }: InstanceCounts): string {
  const parts = [
    running > 0 ? `${running} running` : '',
    starting > 0 ? `${starting} starting` : '',
    queued > 0 ? `${queued} without a place` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'none' : parts.join(', ');
}
