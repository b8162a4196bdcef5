/**
 * What tasks use, as the wire says it (/v1/client/allocation/:id/stats). Processor time is a share of the time since
 * the last look, so the first look at a task says zero, and `isOld` says when to look twice.
 */
import type { TaskStats } from '../drivers/driver.ts';

/** What is measured stands in `Measured`; the other figures are 0, since clients of the wire look for them. */
export interface ResourceUsage {
  readonly CpuStats: typeof NO_CPU & {
    readonly Percent: number;
    readonly TotalTicks: number;
    readonly Measured: readonly string[];
  };
  readonly MemoryStats: typeof NO_MEMORY & { readonly RSS: number; readonly Measured: readonly string[] };
  readonly DeviceStats: readonly never[];
}

const NO_CPU = { SystemMode: 0, UserMode: 0, ThrottledPeriods: 0, ThrottledTime: 0 } as const;
const NO_MEMORY = { Cache: 0, Swap: 0, Usage: 0, MaxUsage: 0, KernelUsage: 0, KernelMaxUsage: 0 } as const;

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

const LONG_AGO_MS = 60_000;

export class UsageMeter {
  readonly #last = new Map<string, TaskStats>();

  /** Whether what it would be compared with is missing, or so long ago that the difference says nothing of now. */
  isOld(stats: Readonly<Record<string, TaskStats>>): boolean {
    return Object.entries(stats).some(([name, now]) => {
      const before = this.#last.get(name);
      return before === undefined || now.timestampMs - before.timestampMs > LONG_AGO_MS;
    });
  }

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
  CpuStats: { ...NO_CPU, Percent: percent, TotalTicks: (percent / 100) * mhz, Measured: ['Percent', 'Total Ticks'] },
  MemoryStats: { ...NO_MEMORY, RSS: rssBytes, Measured: ['RSS'] },
  DeviceStats: [],
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const nanos = (ms: number): number => Math.round(ms) * 1e6;
