/** What a process does that `dying-agent.ts` forks: it starts one task, says its handle, and lives until it is killed. */
import type { Driver, TaskConfig } from '../driver.ts';

export function startWhenTold<Spec>(makeDriver: (spec: Spec) => Driver): void {
  process.on('message', ({ spec, task }: { readonly spec: Spec; readonly task: TaskConfig }) => {
    makeDriver(spec)
      .start(task)
      .then(
        (handle) => process.send?.({ handle }),
        (error) => process.send?.({ error: String(error) }),
      );
  });
  process.on('disconnect', () => process.exit(0));
}
