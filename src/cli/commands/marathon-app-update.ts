/**
 * `marathon app update`: some properties of an app. One that is not there is not made. What Marathon would drop of the
 * change in silence is named on standard error.
 */
import type { Document } from '../../api/marathon-views.ts';
import type { CommandContext } from '../command.ts';
import { createdDeployment, forceOf, marathonCommand } from '../marathon.ts';
import { readChange } from '../marathon-input.ts';

export const command = marathonCommand(async (context, [id, ...properties], flags) => {
  const change = await readChange(context, properties);
  await warn(context, await context.marathon.app(id!), change);
  const { deploymentId } = await context.marathon.updateApp(id!, change, forceOf(flags));
  context.terminal.print(createdDeployment(deploymentId));
  return 0;
});

/** Of the app as it is, everything has been said when it was added. */
async function warn({ terminal }: CommandContext, app: object, change: Document): Promise<void> {
  const { appWarnings } = await import('../../marathon/app-warnings.ts');
  const before = appWarnings(app);
  const after = appWarnings({ ...app, ...change }).filter((warning) => !before.includes(warning));
  for (const warning of after) terminal.complain(`Warning: ${warning}`);
}
