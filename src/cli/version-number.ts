/** Versions of a job as people name them: by number, or by the tag that somebody gave one. */
import type { VersionsView } from '../api/views.ts';
import { type CommandContext, UsageError } from './command.ts';
import { explaining } from './explaining.ts';

export function readVersionNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no version: it must be a whole number, as \`serin job history\` lists them`);
}

/** A number is a version's; anything else is looked for among the tags. */
export async function findVersion(context: CommandContext, jobId: string, text: string): Promise<number> {
  if (/^\d+$/.test(text)) return Number(text);
  const { data } = await explaining('Error retrieving job versions', context.client.jobs.versions(jobId));
  return taggedVersion(data, jobId, text);
}

export function taggedVersion({ Versions }: VersionsView, jobId: string, tag: string): number {
  const tagged = Versions.find((version) => version.VersionTag?.Name === tag);
  if (tagged) return tagged.Version;
  throw new UsageError(
    `"${tag}" is no version of job "${jobId}" and no tag of one; \`serin job history ${jobId}\` lists both`,
  );
}
