/** Which versions of a job are kept. */
import type { Job } from '../model/job.ts';

/**
 * As many as the field's tools list and can go back to; a version costs a few kilobytes, and jobs that are deployed
 * many times a day would otherwise grow the state for ever.
 */
export const KEEP_VERSIONS = 6;

/**
 * The versions to forget, so that at most `keep` stay: unstable ones first, then stable ones, each oldest first.
 * Never the newest, and never one that `isNeeded` (a live allocation still names it), even if more than `keep` stay.
 * Those that somebody tagged stay as well, and do not count.
 *
 * keep 3, newest first:  5  4s 3  2s 1s   →  forgets 3, then 1s: 5 4s 2s stay
 *                        5  4  3t 2t 1  0  →  forgets 0: 5 4 1 stay, 3 and 2 are tagged
 */
export function versionsToForget(
  newestFirst: readonly Job[],
  keep: number,
  isNeeded: (version: number) => boolean,
): readonly Job[] {
  const untagged = newestFirst.filter((job) => !job.VersionTag);
  const excess = untagged.length - keep;
  if (excess <= 0) return [];
  const candidates = untagged.filter((job) => job !== newestFirst[0] && !isNeeded(job.Version));
  const oldestFirst = candidates.reverse();
  const inOrder = [...oldestFirst.filter((job) => !job.Stable), ...oldestFirst.filter((job) => job.Stable)];
  return inOrder.slice(0, excess);
}
