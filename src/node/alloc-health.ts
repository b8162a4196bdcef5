/**
 * Whether an allocation of a deployment is healthy. Pure: it is asked again whenever something changed, and says until
 * when its answer holds, so that nobody polls.
 *
 *   healthy    all tasks run, all checks pass, every ingress is ready, all for min_healthy_time without a break
 *   unhealthy  a task failed, or healthy_deadline passed before that
 */
import { formatDuration, nanosFromMs } from '../lib/duration.ts';

export interface HealthFacts {
  readonly nowMs: number;
  readonly minHealthyMs: number;
  readonly deadlineMs: number;
  /** "checks", "task_states" or "manual" (a person judges). */
  readonly healthCheck: string;
  readonly tasks: readonly {
    readonly name: string;
    readonly runningSinceMs: number | undefined;
    readonly failed: boolean;
  }[];
  readonly checks: readonly { readonly name: string; readonly passingSinceMs: number | undefined }[];
  /** Since when every ingress is ready; null: there is none to wait for. */
  readonly trafficReadySinceMs: number | undefined | null;
}

export type HealthVerdict =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'unhealthy'; readonly reason: string }
  | { readonly kind: 'undecided'; readonly untilMs: number };

export function judgeHealth(facts: HealthFacts): HealthVerdict {
  if (facts.tasks.some((task) => task.failed)) return { kind: 'unhealthy', reason: 'Unhealthy because of failed task' };
  if (facts.healthCheck === 'manual') return { kind: 'undecided', untilMs: Number.POSITIVE_INFINITY };
  const sinceMs = goodSince(facts);
  const healthyAtMs = sinceMs === undefined ? Number.POSITIVE_INFINITY : sinceMs + facts.minHealthyMs;
  if (healthyAtMs <= facts.nowMs && healthyAtMs <= facts.deadlineMs) return { kind: 'healthy' };
  if (facts.nowMs >= facts.deadlineMs) return { kind: 'unhealthy', reason: missedDeadline(facts) };
  return { kind: 'undecided', untilMs: Math.min(healthyAtMs, facts.deadlineMs) };
}

/** Since when all is well; undefined while something is not. */
function goodSince(facts: HealthFacts): number | undefined {
  const parts = [
    ...facts.tasks.map((task) => task.runningSinceMs),
    ...(facts.healthCheck === 'checks' ? facts.checks.map((check) => check.passingSinceMs) : []),
    ...(facts.trafficReadySinceMs === null ? [] : [facts.trafficReadySinceMs]),
  ];
  let sinceMs = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    sinceMs = Math.max(sinceMs, part);
  }
  return sinceMs;
}

/** The first thing that was missing, in the order in which things become well. */
function missedDeadline(facts: HealthFacts): string {
  const forTime = `for min_healthy_time of ${formatDuration(nanosFromMs(facts.minHealthyMs))} by deadline`;
  if (facts.tasks.some((task) => task.runningSinceMs === undefined)) return `Task not running ${forTime}`;
  const failing =
    facts.healthCheck === 'checks' ? facts.checks.filter((each) => each.passingSinceMs === undefined) : [];
  if (failing.length > 0) {
    return `Services not healthy by deadline: ${failing.map((each) => `check "${each.name}"`).join(', ')} not passing`;
  }
  if (facts.trafficReadySinceMs === undefined) return 'Load balancer did not report the instance ready by deadline';
  return `Task not running ${forTime}`;
}
