/** `job revert`: an earlier version of a job becomes its newest one. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findJob } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';
import { findVersion, readVersionNumber } from '../version-number.ts';

export const command: Command = async (context, [prefix, versionText], flags) => {
  const enforced = flags.text('version-check');
  const enforcePriorVersion = enforced === undefined ? undefined : readVersionNumber(enforced);
  const { ID } = await findJob(context, prefix!);
  const version = await findVersion(context, ID, versionText!);
  const reverted = context.client.jobs.revert(ID, version, { enforcePriorVersion });
  const { EvalID } = await explaining('Error retrieving job versions', reverted);
  if (flags.is('detach') || !EvalID) return 0;
  return monitorEvaluation(context, EvalID, { verbose: flags.is('verbose') });
};
