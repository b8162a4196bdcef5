/**
 * Whether a task that ended is started again on its node. Pure: a policy, what happened so far, and the time.
 * The delay gets up to a quarter more, so that tasks that failed together do not start together.
 */
import { formatDuration, msFromNanos } from '../lib/duration.ts';
import type { Random } from '../lib/random.ts';
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
  /** A success is its end: see `endsByItself`. */
  readonly endsByItself: boolean;
  /** "unknown": nobody knows how it ended, its supervisor is gone. */
  readonly outcome: 'success' | 'failure' | 'unknown';
  /** A poststop task: what it may have done already it must not do again. */
  readonly onlyOnce: boolean;
  readonly history: RestartHistory;
  readonly nowMs: number;
  readonly random: Random;
}

/**
 *   service, outcome success or failure, attempts left           → restart after delay (and up to a quarter more)
 *   batch or prestart, success                                   → complete
 *   attempts 0, mode fail                                        → fail
 *   attempts 2, interval 30m, 2 restarts 10m ago, mode fail      → fail
 *   attempts 2, interval 30m, 2 restarts 10m ago, mode delay     → restart in 20m, when the interval is over
 *   attempts 2, interval 30m, 2 restarts 31m ago                 → restart: a new interval counts from 0
 *   poststop, outcome unknown                                    → fail: it may have run to its end
 */
export function decideRestart(question: RestartQuestion): RestartDecision {
  const { policy, nowMs, outcome } = question;
  if (outcome === 'success' && question.endsByItself) return { kind: 'complete' };
  if (outcome === 'unknown' && question.onlyOnce) return { kind: 'fail', reason: MAYBE_DONE };
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
    reason: `${exceeded} and mode is "delay"`,
    history: countOne(history),
  };
}

const MAYBE_DONE = 'Nobody knows how it ended, and a poststop task that may have done its work is not run again';

function currentInterval(history: RestartHistory, intervalMs: number, nowMs: number): RestartHistory {
  // One that begins in the future was counted before somebody set the clock back.
  const isOver = nowMs < history.intervalStartMs || nowMs > history.intervalStartMs + intervalMs;
  return isOver || history.intervalStartMs === 0 ? { intervalStartMs: nowMs, attempts: 0 } : history;
}

const countOne = (history: RestartHistory): RestartHistory => ({ ...history, attempts: history.attempts + 1 });

const withJitter = (delayMs: number, random: Random): number => Math.round(delayMs + (random.next() * delayMs) / 4);
