/** `deployment list`. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatDeploymentList } from '../format/deployment.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, _, flags) => {
  const { client, terminal, clock } = context;
  const list = await explaining('Error retrieving deployments', client.deployments.list());
  if (await presentData(context, flags, list)) return 0;
  const newestFirst = [...list.data].sort((a, b) => b.CreateIndex - a.CreateIndex);
  terminal.print(formatDeploymentList(newestFirst, { nowMs: clock.nowMs(), verbose: flags.is('verbose') }));
  return 0;
};
