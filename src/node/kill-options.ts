/** How a task is asked to end, and how long it has before it is killed. Pure. */
import type { Driver } from '../drivers/driver.ts';
import { nanosFromMs } from '../lib/duration.ts';
import type { Nanos } from '../model/nanos.ts';
import type { Task } from '../model/task.ts';

export interface KillOptions {
  readonly signal: string;
  readonly timeoutNanos: Nanos;
  /** There where the node grants less than the task asks for. */
  readonly asked?: Nanos;
}

/** With no regard for what the task asks for. */
export const AT_ONCE: KillOptions = { signal: 'SIGKILL', timeoutNanos: 0 };

export function killOptions(
  { KillSignal, KillTimeout }: Pick<Task, 'KillSignal' | 'KillTimeout'>,
  driver: Pick<Driver, 'killSignal'> | undefined,
  maxKillTimeoutMs: number,
): KillOptions {
  const signal = KillSignal || (driver?.killSignal ?? DEFAULT_KILL_SIGNAL);
  const most = nanosFromMs(maxKillTimeoutMs);
  if (KillTimeout <= most) return { signal, timeoutNanos: KillTimeout };
  return { signal, timeoutNanos: most, asked: KillTimeout };
}

const DEFAULT_KILL_SIGNAL = 'SIGINT';
