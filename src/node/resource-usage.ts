/**
 * What tasks use, as the wire says it (/v1/client/allocation/:id/stats). Processor time is a share of the time since
 * the last look, so the first look at a task says zero.
 */
import type { TaskStats } from '../drivers/driver.ts';

export interface ResourceUsage {
  readonly CpuStats: { readonly Percent: number; readonly TotalTicks: number; readonly Measured: readonly string[] };
  readonly MemoryStats: { readonly RSS: number; readonly Measured: readonly string[] };
}

export interface AllocResourceUsage {
  readonly ResourceUsage: ResourceUsage;
  readonly Tasks: Readonly<Record<string, TaskResourceUsage>>;
  /** Nanoseconds since the epoch. */
  readonly Timestamp: number;
}

interface TaskResourceUsage {
  readonly ResourceUsage: ResourceUsage;
  readonly Pids: null;
  readonly Timestamp: number;
}

export class UsageMeter {
  readonly #last = new Map<string, TaskStats>();

  /** `mhz`: of one core, for ticks are MHz. */
  measure(stats: Readonly<Record<string, TaskStats>>, mhz: number): AllocResourceUsage {
    const tasks = Object.entries(stats).map(([name, now]): [string, TaskResourceUsage] => {
      const percent = percentBetween(this.#last.get(name), now);
      this.#last.set(name, now);
      return [
        name,
        { ResourceUsage: usage(percent, now.rssBytes, mhz), Pids: null, Timestamp: nanos(now.timestampMs) },
      ];
    });
    const all = tasks.map(([, task]) => task.ResourceUsage);
    return {
      ResourceUsage: usage(
        sum(all.map((each) => each.CpuStats.Percent)),
        sum(all.map((each) => each.MemoryStats.RSS)),
        mhz,
      ),
      Tasks: Object.fromEntries(tasks),
      Timestamp: Math.max(0, ...tasks.map(([, task]) => task.Timestamp)),
    };
  }
}

/** A restarted task begins again at zero: that is no negative share. */
function percentBetween(before: TaskStats | undefined, now: TaskStats): number {
  const elapsedMs = now.timestampMs - (before?.timestampMs ?? now.timestampMs);
  if (before === undefined || elapsedMs <= 0) return 0;
  return (Math.max(0, now.cpuMs - before.cpuMs) / elapsedMs) * 100;
}

const usage = (percent: number, rssBytes: number, mhz: number): ResourceUsage => ({
  CpuStats: { Percent: percent, TotalTicks: (percent / 100) * mhz, Measured: ['Percent', 'Total Ticks'] },
  MemoryStats: { RSS: rssBytes, Measured: ['RSS'] },
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const nanos = (ms: number): number => Math.round(ms) * 1e6;
