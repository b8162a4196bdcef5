/** `marathon app add`: an app from its definition. What Marathon would drop in silence is named on standard error.` */
import { ApiError } from '../../api/api-errors.ts';
import { type CommandContext, UsageError } from '../command.ts';
import { createdDeployment, isLocked, marathonCommand } from '../marathon.ts';
import { readDocument } from '../marathon-input.ts';

export const command = marathonCommand(async (context, [path]) => {
  const app = await readDocument(context, path, 'app');
  await warn(context, app);
  try {
    const { deployments } = await context.marathon.addApp(app);
    context.terminal.print(createdDeployment(deployments[0]?.id ?? ''));
    return 0;
  } catch (error) {
    if (!(error instanceof ApiError) || error.httpStatus !== 409 || isLocked(error)) throw error;
    throw new UsageError(`Application '${toPath(String(app['id']))}' already exists`);
  }
});

const toPath = (id: string): string => `/${id.split('/').filter(Boolean).join('/')}`;

/** What is wrong with it is said by who is asked. */
async function warn({ terminal }: CommandContext, app: unknown): Promise<void> {
  const { appWarnings } = await import('../../marathon/app-warnings.ts');
  for (const warning of appWarnings(app)) terminal.complain(`Warning: ${warning}`);
}
