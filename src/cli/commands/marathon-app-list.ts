/** `marathon app list`: every app, how many of its tasks run, and what is being done to it.` */
import { formatMarathonApps } from '../format/marathon-app.ts';
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand, unlessMissing } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, _, flags) => {
  const apps = await marathon.apps();
  if (flags.is('json')) {
    terminal.print(marathonJson(apps));
    return 0;
  }
  // Whoever has no queue keeps nobody waiting.
  const [deployments, queue = []] = await Promise.all([marathon.deployments(), unlessMissing(marathon.queue())]);
  const table = formatMarathonApps(apps, deployments, queue);
  if (table !== '') terminal.print(table);
  return 0;
});
