/** `job allocs`: the allocations of a job. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatAllocList } from '../format/job.ts';
import { findJob } from '../lookup.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, [prefix], flags) => {
  const { client, terminal, clock } = context;
  const job = await findJob(context, prefix!);
  const all = flags.is('all');
  const list = await explaining('Error retrieving allocations', client.jobs.allocations(job.ID, { all }));
  if (await presentData(context, flags, list)) return 0;
  terminal.print(formatAllocList(list.data, { nowMs: clock.nowMs(), verbose: flags.is('verbose') }));
  return 0;
};
