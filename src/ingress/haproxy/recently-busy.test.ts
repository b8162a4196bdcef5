import { expect, it } from 'vitest';
import { DELETE_AFTER_MS, RecentlyBusy } from './recently-busy.ts';
import type { StatRow } from './worker-state.ts';

const row = (status: string, current = 0) => ({ proxy: 'p', name: 'a:1', status, current, queued: 0 }) as StatRow;

it('a server may be deleted once it has rested, with nothing in flight, for longer than any request can wait for it', () => {
  const busy = new RecentlyBusy();
  const isYoung = (each: StatRow, nowMs: number, pid = 7): boolean =>
    busy
      .observe([{ pid, rows: [each] }], nowMs)
      .get(pid)!
      .has('p/a:1');
  expect(isYoung(row('UP'), 0)).toBe(false);
  expect(isYoung(row('MAINT', 1), 1000)).toBe(true);
  expect(isYoung(row('MAINT'), 5000)).toBe(true);
  expect(isYoung(row('MAINT'), 1000 + DELETE_AFTER_MS - 1)).toBe(true);
  expect(isYoung(row('MAINT'), 1000 + DELETE_AFTER_MS)).toBe(false);
  // Back in between, or in another worker: it counts anew.
  expect(isYoung(row('UP'), 20_000)).toBe(false);
  expect(isYoung(row('MAINT'), 20_001)).toBe(true);
  expect(isYoung(row('MAINT'), 90_000, 8)).toBe(true);
});
