/** `marathon app update`: some properties of an app. One that is not there is not made.` */
import { createdDeployment, forceOf, marathonCommand } from '../marathon.ts';
import { readChange } from '../marathon-input.ts';

export const command = marathonCommand(async (context, [id, ...properties], flags) => {
  const change = await readChange(context, properties);
  await context.marathon.app(id!);
  const { deploymentId } = await context.marathon.updateApp(id!, change, forceOf(flags));
  context.terminal.print(createdDeployment(deploymentId));
  return 0;
});
