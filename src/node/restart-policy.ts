/**
 * Whether a task that ended is started again on its node. Pure: a policy, what happened so far, and the time.
 * The delay gets up to a quarter more, so that tasks that failed together do not start together.
 */
import { formatDuration, msFromNanos } from '../lib/duration.ts';
import type { Random } from '../lib/random.ts';
import type { JobType } from '../model/job.ts';
import type { RestartPolicy } from '../model/policies.ts';

export interface RestartHistory {
  /** When the interval began that is being counted; 0: none has. */
  readonly intervalStartMs: number;
  readonly attempts: number;
}

export const NO_RESTARTS: RestartHistory = { intervalStartMs: 0, attempts: 0 };

export type RestartDecision =
  | { readonly kind: 'restart'; readonly delayMs: number; readonly reason: string; readonly history: RestartHistory }
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'complete' };

export interface RestartQuestion {
  readonly policy: RestartPolicy;
  readonly jobType: JobType;
  readonly succeeded: boolean;
  readonly history: RestartHistory;
  readonly nowMs: number;
  readonly random: Random;
}

export function decideRestart(question: RestartQuestion): RestartDecision {
  const { policy, nowMs, succeeded } = question;
  if (succeeded && endsWithSuccess(question.jobType)) return { kind: 'complete' };
  if (policy.Attempts === 0 && policy.Mode === 'fail') return { kind: 'fail', reason: 'Policy allows no restarts' };
  const intervalMs = msFromNanos(policy.Interval);
  const history = currentInterval(question.history, intervalMs, nowMs);
  if (history.attempts < policy.Attempts) {
    const delayMs = withJitter(msFromNanos(policy.Delay), question.random);
    return { kind: 'restart', delayMs, reason: 'Restart within policy', history: countOne(history) };
  }
  const exceeded = `Exceeded allowed attempts ${policy.Attempts} in interval ${formatDuration(policy.Interval)}`;
  if (policy.Mode === 'fail') return { kind: 'fail', reason: `${exceeded} and mode is "fail"` };
  const delayMs = Math.max(0, history.intervalStartMs + intervalMs - nowMs);
  return {
    kind: 'restart',
    delayMs: withJitter(delayMs, question.random),
    reason: exceeded,
    history: countOne(history),
  };
}

const endsWithSuccess = (type: JobType): boolean => type === 'batch' || type === 'sysbatch';

function currentInterval(history: RestartHistory, intervalMs: number, nowMs: number): RestartHistory {
  const isOver = history.intervalStartMs === 0 || nowMs > history.intervalStartMs + intervalMs;
  return isOver ? { intervalStartMs: nowMs, attempts: 0 } : history;
}

const countOne = (history: RestartHistory): RestartHistory => ({ ...history, attempts: history.attempts + 1 });

const withJitter = (delayMs: number, random: Random): number => Math.round(delayMs + (random.next() * delayMs) / 4);
