/** `marathon group scale`: as many times the instances, of every app in a group.` */
import { UsageError } from '../command.ts';
import { createdDeployment, forceOf, marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id, factor], flags) => {
  const scaleBy = readFactor(factor!);
  const { deploymentId } = await marathon.updateGroup(id!, { scaleBy }, forceOf(flags));
  terminal.print(createdDeployment(deploymentId));
  return 0;
});

function readFactor(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no scale factor: it must be a number such as 2 or 0.5`);
}
