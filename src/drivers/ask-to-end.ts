/** The friendly half of every stop, the same for all drivers that stop something real. */
import type { Clock } from '../lib/clock.ts';
import type { ExitResult, StopOptions } from './driver.ts';

export interface Stoppable {
  signal(signal: string): Promise<void>;
  /** undefined once the signal aborts. */
  ended(signal: AbortSignal): Promise<ExitResult | undefined>;
}

/** How the task ended within its time; undefined: it must be killed. With no time at all it is not even asked. */
export async function askToEnd(
  clock: Clock,
  task: Stoppable,
  { signal, timeoutMs }: StopOptions,
): Promise<ExitResult | undefined> {
  if (timeoutMs === 0) return task.ended(AbortSignal.abort());
  await task.signal(signal);
  const patience = new AbortController();
  const timer = clock.after(timeoutMs, () => patience.abort());
  try {
    return await task.ended(patience.signal);
  } finally {
    timer.cancel();
  }
}
