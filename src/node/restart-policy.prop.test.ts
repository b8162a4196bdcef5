import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nanosFromMs } from '../lib/duration.ts';
import type { RestartPolicy } from '../model/policies.ts';
import { decideRestart, NO_RESTARTS } from './restart-policy.ts';

const policies = fc.record<RestartPolicy>({
  Attempts: fc.integer({ min: 1, max: 6 }),
  Interval: fc.integer({ min: 5_000, max: 100_000 }).map(nanosFromMs),
  Delay: fc.integer({ min: 0, max: 5_000 }).map(nanosFromMs),
  Mode: fc.constantFrom('fail', 'delay'),
});

/** When a task that lives so long each time is started, until its policy gives it up. */
function starts(policy: RestartPolicy, livesMs: readonly number[], jitter: number): number[] {
  const found: number[] = [];
  let [nowMs, history] = [1_000_000, NO_RESTARTS];
  for (const lifeMs of livesMs) {
    nowMs += lifeMs;
    const question = { policy, history, nowMs, endsByItself: false, onlyOnce: false, outcome: 'failure' as const };
    const decision = decideRestart({ ...question, random: { next: () => jitter } });
    if (decision.kind !== 'restart') return found;
    nowMs += decision.delayMs;
    history = decision.history;
    found.push(nowMs);
  }
  return found;
}

it('never starts a task more often within an interval than two intervals allow, and waits at least its delay', () => {
  const lives = fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 40 });
  const jitters = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(policies, lives, jitters, (policy, livesMs, jitter) => {
      const intervalMs = policy.Interval / 1e6;
      const times = starts(policy, livesMs, jitter);
      for (const [at, time] of times.entries()) {
        const within = times.slice(at).filter((each) => each < time + intervalMs).length;
        // An interval of any place touches two that are counted, and mode delay starts one more when it is over.
        expect(within).toBeLessThanOrEqual(2 * (policy.Attempts + 1));
        if (at > 0) expect(time - times[at - 1]!).toBeGreaterThanOrEqual(Math.min(policy.Delay / 1e6, livesMs[at]!));
      }
    }),
  );
});

it('gives up in mode fail after as many restarts as it allows, and never in mode delay', () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const count = starts({ ...policy, Delay: 0 }, new Array(20).fill(0), 0).length;
      expect(count).toBe(policy.Mode === 'fail' ? policy.Attempts : 20);
    }),
  );
});
