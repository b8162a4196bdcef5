/** The job version that an allocation was made from, remembered so that a long list looks each up once. */
import type { Allocation } from '../../model/allocation.ts';
import type { Job } from '../../model/job.ts';
import type { ReadTx } from '../../state/types.ts';

/** Versions beyond those kept are gone; the job as it is now says most of what they said. */
export function jobOf(tx: ReadTx, alloc: Allocation): Job | undefined {
  return (
    tx.jobVersion(alloc.Namespace, alloc.JobID, alloc.JobVersion) ??
    tx.job(alloc.Namespace, alloc.JobID) ??
    tx.jobVersions(alloc.Namespace, alloc.JobID)[0]
  );
}

/** Everything is looked up now: the answer may be rendered when the view is over. */
export function jobLookup(tx: ReadTx, allocs: Iterable<Allocation>): (alloc: Allocation) => Job | undefined {
  const jobs = new Map<string, Job | undefined>();
  for (const alloc of allocs) {
    const key = keyOf(alloc);
    if (!jobs.has(key)) jobs.set(key, jobOf(tx, alloc));
  }
  return (alloc) => jobs.get(keyOf(alloc));
}

const keyOf = (alloc: Allocation): string => `${alloc.Namespace}\0${alloc.JobID}\0${alloc.JobVersion}`;
