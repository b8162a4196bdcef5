/** `deployment pause`: nothing more is moved to the new version until somebody resumes. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findDeployment } from '../lookup.ts';

export const command: Command = async (context, [prefix]) => {
  const id = await findDeployment(context, prefix!);
  await explaining('Error retrieving deployment', context.client.deployments.read(id));
  await explaining('Error pausing deployment', context.client.deployments.pause(id));
  context.terminal.print(`Deployment "${id}" paused`);
  return 0;
};
