/** `marathon app kill`: ends an app's tasks; others come in their place, unless the count drops with them.` */
import { formatMarathonKill } from '../format/marathon-task.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id], flags) => {
  const killed = await marathon.killApp(id!, { scale: flags.is('scale'), host: flags.text('host') });
  terminal.print(formatMarathonKill(killed));
  return 0;
});
