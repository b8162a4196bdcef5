/** `deployment resume`: a paused deployment goes on. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findDeployment } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, [prefix], flags) => {
  const id = await findDeployment(context, prefix!);
  await explaining('Error retrieving deployment', context.client.deployments.read(id));
  const { EvalID } = await explaining('Error resuming deployment', context.client.deployments.resume(id));
  context.terminal.print(`Deployment "${id}" resumed`);
  if (flags.is('detach') || !EvalID) return 0;
  context.terminal.print('');
  return monitorEvaluation(context, EvalID, { verbose: flags.is('verbose') });
};
