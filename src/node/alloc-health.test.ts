import { describe, expect, it } from 'vitest';
import { type HealthFacts, judgeHealth } from './alloc-health.ts';

const task = (runningSinceMs: number | undefined, failed = false) => ({ name: 'web', runningSinceMs, failed });
const check = (passingSinceMs: number | undefined) => ({ name: 'alive', passingSinceMs });

const facts = (changes: Partial<HealthFacts>): HealthFacts => ({
  nowMs: 1_000,
  minHealthyMs: 100,
  deadlineMs: 5_000,
  healthCheck: 'checks',
  tasks: [task(0)],
  checks: [check(0)],
  trafficReadySinceMs: 0,
  ...changes,
});

const HEALTHY = { kind: 'healthy' };
const until = (untilMs: number) => ({ kind: 'undecided', untilMs });
const unhealthy = (reason: string) => ({ kind: 'unhealthy', reason });

describe('judgeHealth', () => {
  it.each<[string, Partial<HealthFacts>, object]>([
    ['all is well for long enough', {}, HEALTHY],
    ['exactly long enough', { tasks: [task(900)] }, HEALTHY],
    ['the task has not run for long enough', { tasks: [task(950)] }, until(1_050)],
    ['the check has not passed for long enough', { checks: [check(990)] }, until(1_090)],
    ['the ingress has not been ready for long enough', { trafficReadySinceMs: 999 }, until(1_099)],
    ['there is no ingress', { trafficReadySinceMs: null }, HEALTHY],
    ['the ingress is not ready', { trafficReadySinceMs: undefined }, until(5_000)],
    ['a task does not run', { tasks: [task(0), task(undefined)] }, until(5_000)],
    ['a check does not pass', { checks: [check(undefined)] }, until(5_000)],
    ['checks do not count', { healthCheck: 'task_states', checks: [check(undefined)] }, HEALTHY],
    ['a person judges', { healthCheck: 'manual', nowMs: 9_000 }, until(Number.POSITIVE_INFINITY)],
    ['a task failed', { tasks: [task(undefined, true)] }, unhealthy('Unhealthy because of failed task')],
    [
      'a task failed where a person judges',
      { healthCheck: 'manual', tasks: [task(undefined, true)] },
      unhealthy('Unhealthy because of failed task'),
    ],
    ['it would be healthy only after the deadline', { tasks: [task(4_950)], nowMs: 4_960 }, until(5_000)],
    ['it became healthy at the deadline', { tasks: [task(4_900)], nowMs: 5_000 }, HEALTHY],
    ['someone looks late', { tasks: [task(100)], nowMs: 6_000 }, HEALTHY],
    [
      'the deadline found the task not running',
      { tasks: [task(undefined)], nowMs: 5_000 },
      unhealthy('Task not running for min_healthy_time of 100ms by deadline'),
    ],
    [
      'the deadline found a check failing',
      { checks: [check(undefined)], nowMs: 5_000 },
      unhealthy('Services not healthy by deadline: check "alive" not passing'),
    ],
    [
      'the deadline found no ingress ready',
      { trafficReadySinceMs: undefined, nowMs: 5_000 },
      unhealthy('Load balancer did not report the instance ready by deadline'),
    ],
  ])('%s', (_name, changes, expected) => {
    expect(judgeHealth(facts(changes))).toEqual(expected);
  });
});
