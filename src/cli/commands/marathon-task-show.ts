/** `marathon task show`: one task.` */
import { UsageError } from '../command.ts';
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id]) => {
  const task = (await marathon.tasks()).find((each) => each.id === id);
  if (!task) throw new UsageError(`Task '${id}' does not exist`);
  terminal.print(marathonJson(task));
  return 0;
});
