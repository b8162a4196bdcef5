/** `deployment fail`: ends a deployment; its job goes back where it was told to do so. */
import type { EvalCreated } from '../../api/views.ts';
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findDeployment } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, [prefix], flags) => {
  const id = await findDeployment(context, prefix!);
  await explaining('Error retrieving deployment', context.client.deployments.read(id));
  const answer = await explaining('Error failing deployment', context.client.deployments.fail(id));
  context.terminal.print(`Deployment "${id}" failed${revertOf(answer)}`);
  if (flags.is('detach') || !answer.EvalID) return 0;
  context.terminal.print('');
  const status = await monitorEvaluation(context, answer.EvalID, { verbose: flags.is('verbose') });
  // That it ends as failed is what was asked for.
  return status === 1 ? 0 : status;
};

const revertOf = ({ RevertedJobVersion: version }: EvalCreated): string =>
  version == null ? '' : `. Auto-reverted to job version ${version}.`;
