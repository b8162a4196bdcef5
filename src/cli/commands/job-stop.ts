/** `job stop`: a job's instances drain, then end. */
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findJob } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, [prefix], flags) => {
  const job = await findJob(context, prefix!);
  if (job.ID !== prefix && !flags.is('yes') && !(await isSure(context, job.ID))) return 0;
  const purge = flags.is('purge');
  const { EvalID } = await explaining('Error deregistering job', context.client.jobs.deregister(job.ID, { purge }));
  if (!EvalID) return 0;
  if (flags.is('detach')) {
    context.terminal.print(EvalID);
    return 0;
  }
  const status = await monitorEvaluation(context, EvalID, { verbose: flags.is('verbose') });
  // A deployment that ends because its job is stopped is no failure of the stop.
  return status === 1 ? 0 : status;
};

/** Only the beginning of the id was given: it may be another job than the one that was meant. */
async function isSure(context: CommandContext, id: string): Promise<boolean> {
  const answer = await context.terminal.ask(`Are you sure you want to stop job "${id}"? [y/N] `);
  if (answer === undefined) throw new UsageError(`"${id}" was not named in full; give its whole id or -yes to stop it`);
  if (/^y(es)?$/i.test(answer.trim())) return true;
  context.terminal.print('Cancelling job stop');
  return false;
}
