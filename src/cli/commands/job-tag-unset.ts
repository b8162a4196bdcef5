/** `job tag unset`: takes a version's name away; the version is kept no longer than others. */
import { type Command, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findJob } from '../lookup.ts';

export const command: Command = async (context, [prefix], flags) => {
  const name = flags.text('name');
  if (!name) throw new UsageError('Say which version tag to remove: use -name');
  const { ID } = await findJob(context, prefix!);
  await explaining('Error removing job version tag', context.client.jobs.untagVersion(ID, name));
  context.terminal.print(`Tag "${name}" removed from job "${ID}"`);
  return 0;
};
