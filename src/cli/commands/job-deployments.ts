/** `job deployments`: the deployments of a job, or the latest of them. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatDeployment, formatDeploymentList } from '../format/deployment.ts';
import { findJob } from '../lookup.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, [prefix], flags) => {
  const { client, terminal, clock } = context;
  const job = await findJob(context, prefix!);
  const view = { nowMs: clock.nowMs(), verbose: flags.is('verbose') };
  if (flags.is('latest')) {
    const latest = await explaining('Error retrieving deployments', client.jobs.deployment(job.ID));
    if (await presentData(context, flags, latest)) return 0;
    terminal.print(latest.data ? formatDeployment(latest.data, view, terminal.style) : 'No deployment found');
    return 0;
  }
  const all = flags.is('all');
  const list = await explaining('Error retrieving deployments', client.jobs.deployments(job.ID, { all }));
  if (await presentData(context, flags, list)) return 0;
  const newestFirst = [...list.data].sort((a, b) => b.CreateIndex - a.CreateIndex);
  terminal.print(formatDeploymentList(newestFirst, view));
  return 0;
};
