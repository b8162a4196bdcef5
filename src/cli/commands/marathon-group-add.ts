/** `marathon group add`: a group with its apps and groups.` */
import { ApiError } from '../../api/api-errors.ts';
import { UsageError } from '../command.ts';
import { createdDeployment, isLocked, marathonCommand } from '../marathon.ts';
import { readDocument } from '../marathon-input.ts';

export const command = marathonCommand(async (context, [path]) => {
  const group = await readDocument(context, path, 'group');
  try {
    const { deploymentId } = await context.marathon.addGroup(group);
    context.terminal.print(createdDeployment(deploymentId));
    return 0;
  } catch (error) {
    if (!(error instanceof ApiError) || error.httpStatus !== 409 || isLocked(error)) throw error;
    throw new UsageError(`Group '${String(group['id'])}' already exists`);
  }
});
