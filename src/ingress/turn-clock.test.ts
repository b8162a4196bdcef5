import { expect, it } from 'vitest';
import { turnClock } from './turn-clock.ts';

it('shows one time within a turn, and the next one after it', async () => {
  let reads = 0;
  const clock = turnClock({ nowMs: () => ++reads, after: () => ({ cancel: () => {} }) });
  expect([clock.nowMs(), clock.nowMs(), clock.nowMs()]).toEqual([1, 1, 1]);
  await new Promise((resolve) => setImmediate(resolve));
  expect([clock.nowMs(), clock.nowMs()]).toEqual([2, 2]);
});
