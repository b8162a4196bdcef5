/** `job tag apply`: gives a version of a job a name, by which it is found again and kept. */
import { type Command, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findJob } from '../lookup.ts';
import { readVersionNumber } from '../version-number.ts';

export const command: Command = async (context, [prefix], flags) => {
  const name = flags.text('name');
  if (!name) throw new UsageError('A version tag must be given a name: use -name');
  const versionText = flags.text('version');
  const version = versionText === undefined ? undefined : readVersionNumber(versionText);
  const { ID } = await findJob(context, prefix!);
  const tag = { name, description: flags.text('description') ?? '', version };
  const tagged = await explaining('Error tagging job version', context.client.jobs.tagVersion(ID, tag));
  context.terminal.print(`Job version ${tagged.Version} tagged with name "${tagged.Name}"`);
  return 0;
};
