/** `job eval`: has the scheduler look at a job again. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findJob } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, [prefix], flags) => {
  const job = await findJob(context, prefix!);
  const options = { forceReschedule: flags.is('force-reschedule') };
  const { EvalID } = await explaining('Error evaluating job', context.client.jobs.evaluate(job.ID, options));
  if (!flags.is('detach')) return monitorEvaluation(context, EvalID, { verbose: flags.is('verbose') });
  context.terminal.print(`Created eval ID: "${EvalID}"`);
  return 0;
};
