/** `marathon app start`: gives a stopped app instances again.` */
import { UsageError } from '../command.ts';
import { createdDeployment, forceOf, marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id, count], flags) => {
  const instances = readInstances(count ?? '1');
  const app = await marathon.app(id!);
  if (app.instances > 0) {
    throw new UsageError(`Application '${app.id}' already started: ${app.instances} instances.`);
  }
  const { deploymentId } = await marathon.updateApp(id!, { instances }, forceOf(flags));
  terminal.print(createdDeployment(deploymentId));
  return 0;
});

function readInstances(text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`"${text}" is no number of instances: it must be a whole number, 1 or more`);
}
