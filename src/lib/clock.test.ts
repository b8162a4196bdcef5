import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { steadyClock } from './clock.ts';

const HOUR = 3_600_000;

/** A machine whose time passes, sleeps and is set only as told. */
function machine() {
  const time = { wall: 1_000_000_000, even: 5_000, boot: 77_000 };
  const steps: number[] = [];
  const sources = { wall: () => time.wall, even: () => time.even, sinceBoot: () => time.boot };
  const clock = steadyClock((byMs) => void steps.push(byMs), sources);
  return {
    clock,
    steps,
    time,
    pass(ms: number) {
      time.wall += ms;
      time.even += ms;
      time.boot += ms;
    },
    sleep(ms: number) {
      time.wall += ms;
      time.boot += ms;
    },
    set(byMs: number) {
      time.wall += byMs;
    },
  };
}

describe('a steady clock', () => {
  it('shows the time of the machine while nobody sets it', () => {
    const { clock, pass, time, steps } = machine();
    for (let i = 0; i < 5; i++) {
      pass(1_234);
      expect(clock.nowMs()).toBe(time.wall);
    }
    expect(steps).toEqual([]);
  });

  it.each([
    ['forward', HOUR, 1.1],
    ['back', -HOUR, 0.9],
  ])('follows slowly when the clock is set %s, and says so once', (_way, byMs, rate) => {
    const { clock, pass, set, steps } = machine();
    const startMs = clock.nowMs();
    set(byMs);
    for (let i = 0; i < 300; i++) {
      pass(1_000);
      clock.nowMs();
    }
    expect(clock.nowMs() - startMs).toBeCloseTo(300_000 * rate, 0);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toBeCloseTo(byMs, -4);
  });

  it('is right again after ten times as long', () => {
    const { clock, pass, set, time } = machine();
    set(60_000);
    for (let i = 0; i < 700; i++) {
      pass(1_000);
      clock.nowMs();
    }
    expect(clock.nowMs()).toBe(time.wall);
  });

  it('is right at once after the machine has slept', () => {
    const { clock, pass, sleep, time, steps } = machine();
    clock.nowMs();
    sleep(8 * HOUR);
    pass(10);
    expect(clock.nowMs()).toBe(time.wall);
    expect(steps).toEqual([]);
  });

  it('never goes back, and never goes faster or slower than by a tenth', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({ kind: fc.constant('set' as const), ms: fc.integer({ min: -2 * HOUR, max: 2 * HOUR }) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const lab = machine();
        let beforeMs = lab.clock.nowMs();
        for (const { kind, ms } of events) {
          lab[kind](ms);
          const nowMs = lab.clock.nowMs();
          const passedMs = kind === 'pass' ? ms : 0;
          expect(nowMs).toBeGreaterThanOrEqual(beforeMs);
          // Up to a second is followed at once.
          expect(nowMs - beforeMs).toBeLessThanOrEqual(passedMs * 1.1 + 1_001);
          expect(nowMs - beforeMs).toBeGreaterThanOrEqual(passedMs * 0.9 - 1_001);
          beforeMs = nowMs;
        }
      }),
    );
  });
});
