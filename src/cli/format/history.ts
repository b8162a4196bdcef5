/** A job's versions, newest first, each with what changed to it. */
import type { VersionsView } from '../../api/views.ts';
import type { Job } from '../../model/job.ts';
import type { JobDiff } from '../../model/plan.ts';
import { formatJobDiff } from './diff.ts';
import type { Style } from './style.ts';
import { formatKeyValues } from './table.ts';
import { formatNanoTime } from './words.ts';

export interface HistoryOptions {
  readonly diffs: boolean;
  /** The JSON of a version, for `-full`. */
  readonly fullText?: (job: Job) => string;
}

export function formatHistory(view: VersionsView, options: HistoryOptions, style: Style): string {
  return view.Versions.map((job, at) =>
    formatVersion(job, options.diffs ? view.Diffs?.[at] : undefined, options, style),
  ).join('\n\n');
}

/** The diff of a version is against the one before it; the oldest kept one has none. */
export function formatVersion(job: Job, diff: JobDiff | undefined, options: HistoryOptions, style: Style): string {
  const head: [string, string][] = [
    ['Version', String(job.Version)],
    ['Stable', String(job.Stable)],
    ['Submit Date', formatNanoTime(job.SubmitTime)],
    ...tagRows(job),
  ];
  if (options.fullText) return `${formatKeyValues([...head, ['Full', 'JSON Job:']])}\n${options.fullText(job)}`;
  if (!diff) return formatKeyValues(head);
  // What stands behind the "=" of the diff is on the lines below.
  return `${formatKeyValues([...head, ['Diff', ' ']]).slice(0, -1)}\n${formatJobDiff(diff, { verbose: false }, style)}`;
}

const tagRows = ({ VersionTag: tag }: Job): [string, string][] =>
  tag
    ? [
        ['Tag Name', tag.Name],
        ['Tag Description', tag.Description],
      ]
    : [];
