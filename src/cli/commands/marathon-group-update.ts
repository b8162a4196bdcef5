/** `marathon group update`: some properties of a group.` */
import { createdDeployment, forceOf, marathonCommand } from '../marathon.ts';
import { readChange } from '../marathon-input.ts';

export const command = marathonCommand(async (context, [id, ...properties], flags) => {
  const change = await readChange(context, properties);
  await context.marathon.group(id!);
  const { deploymentId } = await context.marathon.updateGroup(id!, change, forceOf(flags));
  context.terminal.print(createdDeployment(deploymentId));
  return 0;
});
