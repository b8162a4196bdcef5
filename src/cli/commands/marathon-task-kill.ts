/** `marathon task kill`: ends tasks; others come in their place, unless the count drops with them.` */
import { UsageError } from '../command.ts';
import { formatMarathonKill } from '../format/marathon-task.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, ids, flags) => {
  const killed = await marathon.killTasks(ids, { scale: flags.is('scale'), wipe: flags.is('wipe') });
  if ('tasks' in killed && killed.tasks.length === 0) {
    throw new UsageError(`No task was killed: ${ids.join(', ')} ${ids.length === 1 ? 'does' : 'do'} not exist`);
  }
  terminal.print(formatMarathonKill(killed));
  return 0;
});
