/** Recovery of one task: its driver is asked by the start's id for what an earlier agent started. */
import type { Driver, TaskHandle } from '../drivers/driver.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import * as events from './task-events.ts';
import type { TaskRecord } from './task-record.ts';

/** A driver that cannot say (its engine is away) is asked until it can: starting anew might run the task twice. */
export async function findAgain(
  driver: Driver,
  startId: string,
  record: TaskRecord,
  clock: Clock,
  leave: AbortSignal,
): Promise<TaskHandle | undefined> {
  for (let failures = 0; ; failures++) {
    try {
      return await driver.recover(startId, record.handle);
    } catch (error) {
      if (failures === 0) record.note(events.driverNote(`cannot be taken up yet: ${messageOf(error)}`, {}));
      await sleep(clock, RECOVER_AGAIN_MS, leave);
      if (leave.aborted) return undefined;
    }
  }
}

const RECOVER_AGAIN_MS = 5_000;
