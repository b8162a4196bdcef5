/** `marathon app stop`: takes an app's instances away; the app stays.` */
import { UsageError } from '../command.ts';
import { createdDeployment, forceOf, marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id], flags) => {
  const app = await marathon.app(id!);
  if (app.instances === 0) throw new UsageError(`Application '${app.id}' already stopped: 0 instances.`);
  const { deploymentId } = await marathon.updateApp(id!, { instances: 0 }, forceOf(flags));
  terminal.print(createdDeployment(deploymentId));
  return 0;
});
