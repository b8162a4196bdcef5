/** `job revert`: an earlier version of a job becomes its newest one. */
import { type Command, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findJob } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, [prefix, versionText], flags) => {
  const version = readVersion(versionText!);
  const enforced = flags.text('version-check');
  const enforcePriorVersion = enforced === undefined ? undefined : readVersion(enforced);
  const { ID } = await findJob(context, prefix!);
  const reverted = context.client.jobs.revert(ID, version, { enforcePriorVersion });
  const { EvalID } = await explaining('Error retrieving job versions', reverted);
  if (flags.is('detach') || !EvalID) return 0;
  return monitorEvaluation(context, EvalID, { verbose: flags.is('verbose') });
};

function readVersion(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no version: it must be a whole number, as \`serin job history\` lists them`);
}
