/** `marathon task stop`: ends one task; another comes in its place.` */
import { UsageError } from '../command.ts';
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id], flags) => {
  const killed = await marathon.killTasks([id!], { wipe: flags.is('wipe') });
  const task = 'tasks' in killed ? killed.tasks.find((each) => each.id === id) : undefined;
  if (!task) throw new UsageError(`Task '${id}' does not exist`);
  terminal.print(marathonJson(task));
  return 0;
});
