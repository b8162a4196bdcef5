/** `deployment status`: how far a deployment is, and what it waits for or why it failed. */
import type { Command, CommandContext } from '../command.ts';
import { explaining } from '../explaining.ts';
import { sayWhereItFailed } from '../failed-deployment.ts';
import { formatDeployment } from '../format/deployment.ts';
import { formatExplanation } from '../format/explanation.ts';
import { formatDeploymentTraffic } from '../format/version-figures.ts';
import { formatTime, idOf } from '../format/words.ts';
import { findDeployment } from '../lookup.ts';
import { monitorDeployment } from '../monitor-deployment.ts';
import { presentData } from '../present.ts';
import { command as listDeployments } from './deployment-list.ts';

export const command: Command = async (context, args, flags) => {
  const [prefix] = args;
  if (prefix === undefined) return listDeployments(context, args, flags);
  const verbose = flags.is('verbose');
  const id = await findDeployment(context, prefix);
  if (flags.is('monitor')) return watchDeployment(context, id, verbose);
  const read = await explaining('Error retrieving deployment', context.client.deployments.read(id));
  if (await presentData(context, flags, read)) return 0;
  return printDeployment(context, id, { verbose });
};

export async function printDeployment(
  context: CommandContext,
  id: string,
  { verbose }: { readonly verbose: boolean },
): Promise<number> {
  const { client, terminal, clock } = context;
  const { data } = await explaining('Error retrieving deployment', client.deployments.read(id));
  const view = { nowMs: clock.nowMs(), verbose };
  const parts = [
    formatDeployment(data, view, terminal.style),
    formatDeploymentTraffic(data.Traffic, data.JobVersion, { nowMs: view.nowMs, style: terminal.style }),
    formatExplanation(data, { ...view, detail: 'whole' }, terminal.style),
  ];
  terminal.print(parts.filter((part) => part !== '').join('\n\n'));
  return 0;
}

async function watchDeployment(context: CommandContext, id: string, verbose: boolean): Promise<number> {
  const time = formatTime(context.clock.nowMs());
  context.terminal.print(`${time}: Monitoring deployment "${idOf(id, { verbose })}"`);
  const ended = await monitorDeployment(context, id, { verbose, indent: '' });
  await sayWhereItFailed(context, ended, { verbose });
  return ended.Status === 'successful' ? 0 : 1;
}
