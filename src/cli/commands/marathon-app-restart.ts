/** `marathon app restart`: new instances of the same version, by the app's upgrade strategy.` */
import { UsageError } from '../command.ts';
import { createdDeployment, forceOf, marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id], flags) => {
  const app = await marathon.app(id!);
  if (app.instances === 0) {
    throw new UsageError(
      `Unable to perform rolling restart of application '${app.id}' because it has no running tasks`,
    );
  }
  const { deploymentId } = await marathon.restartApp(id!, forceOf(flags));
  terminal.print(createdDeployment(deploymentId));
  return 0;
});
