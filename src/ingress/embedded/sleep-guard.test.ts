import { expect, it } from 'vitest';
import { VirtualClock } from '../../lib/virtual-clock.ts';
import { SLEPT_MS, SleepGuard } from './sleep-guard.ts';

function guarded() {
  const clock = new VirtualClock();
  const refreshes: (() => void)[] = [];
  const sure: number[] = [];
  const guard = new SleepGuard({
    clock,
    refresh: () => new Promise((resolve) => refreshes.push(resolve)),
    onSure: () => sure.push(clock.nowMs()),
  });
  return { clock, guard, refreshes, sure };
}

it('a process that looks often enough has not slept', async () => {
  const { clock, guard, refreshes } = guarded();
  await clock.advance(10 * SLEPT_MS);
  for (let at = 0; at < 10; at++) {
    expect(guard.isUnsure()).toBe(false);
    await clock.advance(SLEPT_MS);
  }
  expect(refreshes).toEqual([]);
});

it('the first look after a sleep finds it, and leads nobody anywhere until the table is fresh', async () => {
  const { clock, guard, refreshes, sure } = guarded();
  expect(guard.isUnsure()).toBe(false);
  await clock.advance(SLEPT_MS + 1);
  expect(guard.isUnsure()).toBe(true);
  expect(guard.isUnsure()).toBe(true);
  expect(refreshes).toHaveLength(1);
  refreshes[0]!();
  await clock.advance(0);
  expect(sure).toHaveLength(1);
  expect(guard.isUnsure()).toBe(false);
});
