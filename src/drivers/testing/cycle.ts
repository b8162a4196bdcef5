/** One life of a task, from its start to its last trace. */
import type { Driver, TaskConfig } from '../driver.ts';

export interface CycleTimes {
  readonly startMs: number;
  readonly stopMs: number;
}

export async function runCycle(driver: Driver, task: TaskConfig): Promise<CycleTimes> {
  const began = performance.now();
  const handle = await driver.start(task);
  const running = performance.now();
  await driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 60_000 });
  const stopped = performance.now();
  await driver.destroy(handle);
  return { startMs: running - began, stopMs: stopped - running };
}
