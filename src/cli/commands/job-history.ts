/** `job history`: the versions of a job and what each changed. */
import type { Read } from '../../api/requester.ts';
import type { VersionsView } from '../../api/views.ts';
import type { Job } from '../../model/job.ts';
import { type Command, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';
import { formatHistory } from '../format/history.ts';
import { formatJsonText, pickJsonText } from '../format/json.ts';
import { findJob } from '../lookup.ts';
import { presentData } from '../present.ts';

export const command: Command = async (context, [prefix], flags) => {
  const against = { version: flags.text('diff-version'), tag: flags.text('diff-tag') };
  const diffs = flags.is('p') || against.version !== undefined || against.tag !== undefined;
  const full = flags.is('full');
  if (diffs && full) throw new UsageError('-p shows what changed and -full shows everything; choose one.');
  if (against.version !== undefined && against.tag !== undefined)
    throw new UsageError('-diff-version and -diff-tag both name the version to compare with; choose one.');
  const version = readVersion(flags);
  const job = await findJob(context, prefix!);
  const versions = await explaining(
    'Error retrieving job versions',
    context.client.jobs.versions(job.ID, { diffs, against }),
  );
  const chosen = version === undefined ? versions.data : onlyVersion(versions.data, version);
  if (await presentData(context, flags, dataOf(versions, chosen, version))) return 0;
  const fullText = full ? { fullText: (of: Job) => formatJsonText(textOf(versions, of)) } : {};
  context.terminal.print(formatHistory(chosen, { diffs, ...fullText }, context.terminal.style));
  return 0;
};

function readVersion(flags: Flags): number | undefined {
  const text = flags.text('version');
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`Error parsing version value "${text}": it must be a whole number`);
}

/** With the diff that led to it. */
function onlyVersion(view: VersionsView, version: number): VersionsView {
  const at = view.Versions.findIndex((job) => job.Version === version);
  if (at === -1) throw new UsageError('Error printing job history for non-existing job or job version');
  return { Versions: [view.Versions[at]!], Diffs: view.Diffs?.slice(at, at + 1) ?? null };
}

const textOf = (versions: Read<VersionsView>, job: Job): string =>
  pickJsonText(versions.text, (value) =>
    (value as VersionsView).Versions.find((candidate) => candidate.Version === job.Version),
  );

/** For -json and -t: one job where a version was named, else all of them. */
function dataOf(versions: Read<VersionsView>, chosen: VersionsView, version: number | undefined) {
  const job = chosen.Versions[0];
  if (version !== undefined && job) return { data: job, text: textOf(versions, job) };
  return { data: chosen.Versions, text: pickJsonText(versions.text, (value) => (value as VersionsView).Versions) };
}
