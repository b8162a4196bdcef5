/** The attempts of a failed instance elsewhere: how many there were, when the next one comes, or why none does. Pure. */
import type { AllocView } from '../../api/views.ts';
import { formatDuration } from '../../lib/duration.ts';
import { findGroup } from '../../model/job.ts';
import { nanosOf } from '../../model/nanos.ts';
import type { ReschedulePolicy } from '../../model/policies.ts';
import { formatWhen, type View } from './words.ts';

type Pair = [key: string, value: string];

/** Nothing where nothing has failed; `retryAtMs`: when the evaluation waits until that replaces it. */
export function reschedulePairs(alloc: AllocView, retryAtMs: number | undefined, view: View): Pair[] {
  const policy = alloc.Job ? findGroup(alloc.Job, alloc.TaskGroup)?.ReschedulePolicy : undefined;
  if (!policy) return [];
  const isOpen = alloc.ClientStatus === 'failed' && alloc.DesiredStatus === 'run' && !alloc.NextAllocation;
  const attempts = attemptsOf(alloc, policy, view.nowMs);
  const eligibility = isOpen ? eligibilityOf(policy, attempts, retryAtMs, view) : '';
  return [
    ...(attempts > 0 || isOpen ? ([['Reschedule Attempts', attemptWords(policy, attempts)]] as Pair[]) : []),
    ...(eligibility === '' ? [] : ([['Reschedule Eligibility', eligibility]] as Pair[])),
  ];
}

/** All of its chain that are known, or those that count. */
function attemptsOf({ RescheduleTracker }: AllocView, policy: ReschedulePolicy, nowMs: number): number {
  const events = RescheduleTracker?.Events ?? [];
  if (policy.Unlimited) return events.length;
  return events.filter((event) => event.RescheduleTime > nanosOf(nowMs) - policy.Interval).length;
}

const attemptWords = (policy: ReschedulePolicy, attempts: number): string =>
  policy.Unlimited ? `${attempts} (unlimited)` : `${attempts}/${policy.Attempts} in ${formatDuration(policy.Interval)}`;

function eligibilityOf(policy: ReschedulePolicy, attempts: number, retryAtMs: number | undefined, view: View): string {
  if (retryAtMs !== undefined && retryAtMs > view.nowMs) return formatWhen(nanosOf(retryAtMs), view);
  if (policy.Unlimited) return '';
  if (policy.Attempts === 0) return 'none: its policy has no attempts';
  return attempts >= policy.Attempts ? 'none: its attempts are used up' : '';
}
