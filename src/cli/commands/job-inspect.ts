/** `job inspect`: a job as the server has it. */
import type { VersionsView } from '../../api/views.ts';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatJsonText, pickJsonText } from '../format/json.ts';
import { findJob } from '../lookup.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, [prefix], flags) => {
  const job = await findJob(context, prefix!);
  const version = flags.text('version');
  const read =
    version === undefined
      ? await explaining('Error inspecting job', context.client.jobs.read(job.ID))
      : await readVersion(context, job.ID, version);
  if (flags.text('t') !== undefined && (await presentData(context, flags, read))) return 0;
  context.terminal.print(formatJsonText(`{"Job":${read.text}}`));
  return 0;
};

async function readVersion(context: CommandContext, id: string, version: string) {
  const { data, text } = await explaining('Error inspecting job', context.client.jobs.versions(id));
  const isIt = (job: { readonly Version: number }) => String(job.Version) === version;
  const job = data.Versions.find(isIt);
  if (!job)
    throw new UsageError(
      `Job "${id}" has no version ${version}; \`serin job history ${id}\` lists those that are kept`,
    );
  return { data: job, text: pickJsonText(text, (value) => (value as VersionsView).Versions.find(isIt)) };
}
