/**
 * How many instances a step may start where somebody has said how many there may be at once. Marathon's apps do
 * (`maximumOverCapacity`): what has been told to stop counts until it is gone, so 0/0 is "stop all, then start".
 */
import { isClientTerminal } from '../../model/allocation.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import { surgeOf } from '../../model/surge.ts';
import type { Entry } from './slots.ts';

export interface StartFacts {
  readonly job: Pick<Job, 'Marathon'>;
  readonly group: TaskGroup | undefined;
  readonly entries: readonly Entry[];
}

/** Below zero while there are more than there may be. */
export function startsLeft({ job, group, entries }: StartFacts): number {
  if (!job.Marathon || !group) return Number.POSITIVE_INFINITY;
  // What is lost is written down as ended by this very step.
  const there = entries.filter(
    ({ alloc, class: kind }) =>
      !isClientTerminal(alloc) && kind !== 'lost' && kind !== 'gone-leaving' && kind !== 'inactive',
  );
  // Canaries are ours: who asks for them asks for more.
  const most = group.Count + surgeOf(group.Update, group.Count) + (group.Update?.Canary ?? 0);
  return most - there.length;
}
