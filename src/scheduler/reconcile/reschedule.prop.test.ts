import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Nanos, SECOND } from '../../model/nanos.ts';
import type { ReschedulePolicy } from '../../model/policies.ts';
import { hasAttempt, nextDelay } from './reschedule.ts';

const seconds = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * SECOND);

const policies = fc
  .record({
    Attempts: fc.integer({ min: 1, max: 15 }),
    Interval: seconds(5, 10_000),
    Delay: seconds(5, 100),
    DelayFunction: fc.constantFrom('constant', 'exponential', 'fibonacci'),
    more: seconds(0, 5_000),
    Unlimited: fc.boolean(),
  })
  .map(({ more, ...policy }): ReschedulePolicy => ({ ...policy, MaxDelay: policy.Delay + more }));

const event = (at: Nanos, Delay: Nanos) => ({ RescheduleTime: at, PrevAllocID: '', PrevNodeID: '', Delay });

/** Delays of a chain whose instances live as long as given. */
function chain(policy: ReschedulePolicy, lives: readonly Nanos[]) {
  const events: ReturnType<typeof event>[] = [];
  let now: Nanos = 1_000 * SECOND;
  for (const lived of lives) {
    now += lived;
    if (!hasAttempt(policy, events, now)) break;
    const delay = nextDelay(policy, events, lived);
    now += delay;
    events.push(event(now, delay));
  }
  return events;
}

it('a delay is never shorter than the policy says, and where it grows never longer than the longest', () => {
  fc.assert(
    fc.property(policies, fc.array(seconds(0, 6_000), { maxLength: 30 }), (policy, lives) => {
      for (const { Delay } of chain(policy, lives)) {
        expect(Delay).toBeGreaterThanOrEqual(policy.Delay);
        expect(Delay).toBeLessThanOrEqual(policy.MaxDelay);
      }
    }),
  );
});

it('delays never shrink while instances fail at once, and all but the constant ones reach the longest', () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const unlimited = { ...policy, Unlimited: true };
      const delays = chain(unlimited, new Array(40).fill(0)).map(({ Delay }) => Delay);
      expect(delays).toEqual([...delays].sort((a, b) => a - b));
      expect(delays.at(-1)).toBe(policy.DelayFunction === 'constant' ? policy.Delay : policy.MaxDelay);
    }),
  );
});

it('no interval before a failure holds more attempts than the policy allows', () => {
  fc.assert(
    fc.property(policies, fc.array(seconds(0, 100), { maxLength: 40 }), (policy, lives) => {
      const events = chain({ ...policy, Unlimited: false }, lives);
      for (const { RescheduleTime } of events) {
        const within = events.filter(
          (each) => each.RescheduleTime <= RescheduleTime && each.RescheduleTime > RescheduleTime - policy.Interval,
        );
        expect(within.length).toBeLessThanOrEqual(policy.Attempts);
      }
    }),
  );
});

it('an instance that lived longer than the longest delay begins the series anew', () => {
  fc.assert(
    fc.property(policies, fc.integer({ min: 1, max: 12 }), (policy, count) => {
      const unlimited = { ...policy, Unlimited: true };
      const short = new Array(count).fill(0);
      const long = policy.MaxDelay + SECOND;
      const all = chain(unlimited, [...short, long, ...short.slice(1)]).map(({ Delay }) => Delay);
      if (policy.DelayFunction !== 'constant' && count > 2) expect(all.slice(count)).toEqual(all.slice(0, count));
    }),
  );
});
