/** The entry of a process that starts one task, says its handle, and lives until it is killed: an agent that dies. */
import type { TaskConfig } from '../driver.ts';
import { type DriverSpec, makeDriver } from './driver-maker.ts';

export interface DyingStart {
  readonly spec: DriverSpec;
  readonly task: TaskConfig;
}

process.on('message', ({ spec, task }: DyingStart) => {
  makeDriver(spec)
    .start(task)
    .then(
      (handle) => process.send?.({ handle }),
      (error) => process.send?.({ error: String(error) }),
    );
});
process.on('disconnect', () => process.exit(0));
