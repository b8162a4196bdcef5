/** What a task's processes use now. */
import type { TaskStats } from './driver.ts';
import { readStat } from './proc.ts';

/** Both are fixed on Linux for every architecture that Node.js is built for, but for pages of 16 and 64 kB on some ARM. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

export function treeStats(pids: readonly number[], timestampMs: number): TaskStats {
  const stats = pids.map(readStat).filter((stat) => stat !== undefined);
  return {
    timestampMs,
    rssBytes: stats.reduce((sum, stat) => sum + stat.rssPages * PAGE_BYTES, 0),
    cpuMs: stats.reduce((sum, stat) => sum + stat.cpuTicks * TICK_MS, 0),
    pids: stats.map((stat) => stat.pid),
  };
}
