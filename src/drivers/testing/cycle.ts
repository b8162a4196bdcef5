/** One life of a task, from its start to its last trace. */
import type { Driver, TaskConfig } from '../driver.ts';

export interface CycleTimes {
  readonly startMs: number;
  readonly stopMs: number;
}

/** `settled`: see `DriverLab`. */
export async function runCycle(
  driver: Driver,
  task: TaskConfig,
  settled?: (task: TaskConfig) => Promise<void>,
): Promise<CycleTimes> {
  const began = performance.now();
  const handle = await driver.start(task);
  const started = performance.now();
  await settled?.(task);
  const running = performance.now();
  await driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 60_000 });
  const stopped = performance.now();
  await driver.destroy(handle);
  return { startMs: started - began, stopMs: stopped - running };
}
