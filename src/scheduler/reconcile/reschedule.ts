/** Rescheduling: whether an instance that failed is tried again on another node, and when. Pure arithmetic. */
import { type Allocation, isClientTerminal, type RescheduleEvent } from '../../model/allocation.ts';
import { epochMsOf, MILLISECOND, type Nanos, nanosOf } from '../../model/nanos.ts';
import type { ReschedulePolicy } from '../../model/policies.ts';

export type Retry =
  | { readonly kind: 'now' }
  | { readonly kind: 'later'; readonly atMs: number }
  | { readonly kind: 'never'; readonly reason: 'attempts used up' | 'the deployment decides' };

export interface RetryQuestion {
  readonly alloc: Allocation;
  readonly policy: ReschedulePolicy;
  /** The allocation belongs to a deployment that runs or failed: its watcher says whether it is tried again. */
  readonly inDeployment: boolean;
  readonly evaluationId: string;
  readonly nowMs: number;
}

/** The tracker of a chain of attempts keeps so many of its latest events, or as many as its policy has to count. */
const TRACKED = 10;

export function retryOf({ alloc, policy, inDeployment, evaluationId, nowMs }: RetryQuestion): Retry {
  if (alloc.DesiredTransition?.ForceReschedule) return { kind: 'now' };
  if (inDeployment && alloc.DesiredTransition?.Reschedule !== true)
    return { kind: 'never', reason: 'the deployment decides' };
  const failedMs = failedAtMs(alloc, nowMs);
  if (!hasAttempt(policy, pastEvents(alloc), nanosOf(failedMs))) return { kind: 'never', reason: 'attempts used up' };
  const atMs = failedMs + nextDelay(policy, pastEvents(alloc), livedNanos(alloc, failedMs)) / MILLISECOND;
  return atMs <= nowMs || alloc.FollowupEvalID === evaluationId ? { kind: 'now' } : { kind: 'later', atMs };
}

/**
 * Attempts within the interval before the failure; `Unlimited` counts nothing.
 *
 *   attempts 2, interval 60 s, failed at 100 s, tried again at 30 s          → yes (30 s lies before the interval)
 *   attempts 2, interval 60 s, failed at 100 s, tried again at 50 s and 80 s → no
 *   attempts 0                                                               → no
 */
export function hasAttempt(policy: ReschedulePolicy, past: readonly RescheduleEvent[], failedAt: Nanos): boolean {
  if (policy.Unlimited) return true;
  const within = past.filter((event) => event.RescheduleTime > failedAt - policy.Interval);
  return within.length < policy.Attempts;
}

/**
 * The delay before the next attempt, from those before the past ones; it starts again where the instance lived longer
 * than the longest delay, since what killed it then is another failure.
 *
 *   constant 30:    30 30 30 30
 *   exponential 30: 30 60 120 240, at most MaxDelay
 *   exponential 30, factor 1.5: 30 45 67.5, at most MaxDelay
 *   fibonacci 30:   30 30 60 90 150, at most MaxDelay
 *   fibonacci 30, the fourth lived longer than MaxDelay: 30 30 60 30 30 60
 */
export function nextDelay(policy: ReschedulePolicy, past: readonly RescheduleEvent[], lived: Nanos): Nanos {
  const [last, before] = [past.at(-1)?.Delay, past.at(-2)?.Delay];
  if (policy.DelayFunction === 'constant' || last === undefined) return policy.Delay;
  const longest = policy.MaxDelay > 0 ? policy.MaxDelay : Number.POSITIVE_INFINITY;
  if (lived > longest) return policy.Delay;
  const next =
    policy.DelayFunction === 'exponential' ? Math.round(last * (policy.DelayFactor ?? 2)) : last + addend(last, before);
  return Math.min(Math.max(next, policy.Delay), longest);
}

/** The delay before the last; none where the series began with the last, which is then the shorter one. */
const addend = (last: Nanos, before: Nanos | undefined): Nanos => (before === undefined || before > last ? 0 : before);

/** The tracker of the instance that follows a failed one. */
export function trackedAfter(
  alloc: Allocation,
  policy: ReschedulePolicy,
  nowMs: number,
): { Events: RescheduleEvent[] } {
  const past = pastEvents(alloc);
  const Delay = nextDelay(policy, past, livedNanos(alloc, failedAtMs(alloc, nowMs)));
  const event = { RescheduleTime: nanosOf(nowMs), PrevAllocID: alloc.ID, PrevNodeID: alloc.NodeID, Delay };
  const counted = policy.Unlimited ? 0 : policy.Attempts;
  return { Events: [...past, event].slice(-Math.max(TRACKED, counted)) };
}

/** It failed, and its policy lets nobody try again, whoever else would; a person can still force it. */
export const isUsedUp = (alloc: Allocation, policy: ReschedulePolicy): boolean =>
  isClientTerminal(alloc) &&
  alloc.DesiredTransition?.ForceReschedule !== true &&
  !hasAttempt(policy, pastEvents(alloc), nanosOf(failedAtMs(alloc, 0)));

/** Nodes on which this chain of attempts has failed. */
export function failedNodes(alloc: Allocation): string[] {
  return [...new Set([alloc.NodeID, ...pastEvents(alloc).map((event) => event.PrevNodeID)])];
}

const pastEvents = (alloc: Allocation): readonly RescheduleEvent[] => alloc.RescheduleTracker?.Events ?? [];

/** When its last task ended; when nothing says so, when the row last changed. */
function failedAtMs(alloc: Allocation, nowMs: number): number {
  if (!isClientTerminal(alloc)) return nowMs;
  const ends = Object.values(alloc.TaskStates ?? {}).map((state) => Date.parse(state.FinishedAt ?? ''));
  const last = Math.max(...ends.filter((ms) => ms > 0));
  return Number.isFinite(last) ? last : epochMsOf(alloc.ModifyTime);
}

function livedNanos(alloc: Allocation, failedMs: number): Nanos {
  return Math.max(0, nanosOf(failedMs) - alloc.CreateTime);
}
