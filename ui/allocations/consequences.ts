/** What an action will do, in words, before it is done: pure. */
import type { AllocView } from '../../src/api/views.ts';

export const ENDED = 'It has ended: there is nothing left to act on.';

export const isOver = ({ ClientStatus, DesiredStatus }: Pick<AllocView, 'ClientStatus' | 'DesiredStatus'>): boolean =>
  DesiredStatus !== 'run' || ClientStatus === 'complete' || ClientStatus === 'failed' || ClientStatus === 'lost';

export function stopWords({ Job: job, TaskGroup }: Pick<AllocView, 'Job' | 'TaskGroup'>): string {
  const count = job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Count;
  const drained = 'It gets no new requests, finishes those it has, and its tasks are killed.';
  if (job?.Type === 'system') return `${drained} The scheduler puts another in its place on the same node.`;
  if (count === undefined || job?.Stop) return drained;
  return `${drained} The job wants ${count} of group ${TaskGroup}, so the scheduler places another in its stead, maybe elsewhere.`;
}
