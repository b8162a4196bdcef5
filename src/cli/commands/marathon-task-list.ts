/** `marathon task list`: the tasks of all apps, or of one.` */
import { marathonJson } from '../format/marathon-json.ts';
import { formatMarathonTasks } from '../format/marathon-task.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [appId], flags) => {
  const all = await marathon.tasks();
  const path = appId === undefined ? undefined : (await marathon.app(appId)).id;
  const tasks = all.filter((task) => path === undefined || task.appId === path);
  const text = flags.is('json') ? marathonJson(tasks) : formatMarathonTasks(tasks);
  if (text !== '') terminal.print(text);
  return 0;
});
