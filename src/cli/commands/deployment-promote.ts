/** `deployment promote`: the canaries are taken; the rest of their groups follows. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findDeployment } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, [prefix], flags) => {
  const id = await findDeployment(context, prefix!);
  const { data: deployment } = await explaining('Error retrieving deployment', context.client.deployments.read(id));
  const groups = flags.list('group');
  // The wire takes any name and promotes nothing of it; who mistyped one should hear of it.
  for (const group of groups.filter((name) => deployment.TaskGroups[name] === undefined)) {
    context.terminal.complain(`Deployment "${id}" has no task group "${group}"; nothing of it is promoted`);
  }
  const { EvalID } = await explaining('Error promoting deployment', context.client.deployments.promote(id, groups));
  if (flags.is('detach') || !EvalID) return 0;
  return monitorEvaluation(context, EvalID, { verbose: flags.is('verbose') });
};
