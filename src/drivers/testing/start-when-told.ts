/**
 * What a process does that `dying-agent.ts` forks: it starts one task, and a command beside it where one is given, says
 * the task's handle, and lives until it is killed.
 */
import type { AttachRequest, Driver, TaskConfig, TaskHandle } from '../driver.ts';

interface Order<Spec> {
  readonly spec: Spec;
  readonly task: TaskConfig;
  readonly attach?: AttachRequest;
}

export function startWhenTold<Spec>(makeDriver: (spec: Spec) => Driver): void {
  process.on('message', (order: Order<Spec>) => {
    obey(makeDriver(order.spec), order).then(
      (handle) => process.send?.({ handle }),
      (error) => process.send?.({ error: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}

async function obey(driver: Driver, { task, attach }: Order<unknown>): Promise<TaskHandle> {
  const handle = await driver.start(task);
  if (attach === undefined) return handle;
  const command = await driver.attach?.(handle, attach, new AbortController().signal);
  command?.stdout.resume();
  return handle;
}
