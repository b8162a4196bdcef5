/** `deployment unblock`: of deployments over several regions; the server says that there are none. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findDeployment } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, [prefix], flags) => {
  const id = await findDeployment(context, prefix!);
  await explaining('Error retrieving deployment', context.client.deployments.read(id));
  const { EvalID } = await explaining('Error unblocking deployment', context.client.deployments.unblock(id));
  context.terminal.print(`Deployment "${id}" unblocked`);
  if (flags.is('detach') || !EvalID) return 0;
  return monitorEvaluation(context, EvalID, { verbose: flags.is('verbose') });
};
