/**
 * Names for versions of a job: whoever names one wants to come back to it, so it is not forgotten. A name stands for one
 * version of a job, and a version has one name at most. Naming is no change of the job: nothing is evaluated.
 */
import { SerinError } from '../lib/errors.ts';
import { type Job, type JobVersionTag, withoutTag } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import type { ReadTx } from '../state/types.ts';
import { jobOf, versionOf } from './job-changes.ts';
import type { JobContext } from './job-operations.ts';
import type { TagRequest, TagResult } from './operations.ts';

const LONGEST = 128;

/** The newest version, unless one is given. A version that has a name already gets this one instead. */
export async function tagJobVersion({ state, clock }: JobContext, request: TagRequest): Promise<TagResult> {
  refuseBadName(request.name);
  const { index, result } = await state.update((tx) => {
    const current = jobOf(tx, request);
    const version = request.version === undefined ? current : versionOf(tx, current, request.version);
    refuseTakenName(tx, version, request.name);
    const VersionTag = tagOf(request, clock.nowMs());
    tx.touchJob({ ...version, VersionTag });
    return { ...VersionTag, Version: version.Version };
  });
  return { ...result, Index: index };
}

export async function untagJobVersion(
  { state }: JobContext,
  request: Pick<TagRequest, 'namespace' | 'jobId' | 'name'>,
): Promise<{ readonly Index: number }> {
  const { index } = await state.update((tx) => {
    const current = jobOf(tx, request);
    const tagged = findTagged(tx, current, request.name);
    if (!tagged) throw new SerinError('notFound', `job "${current.ID}" has no version tagged "${request.name}"`);
    tx.touchJob(withoutTag(tagged));
  });
  return { Index: index };
}

const tagOf = ({ name, description }: TagRequest, nowMs: number): JobVersionTag => ({
  Name: name,
  Description: description,
  TaggedTime: nanosOf(nowMs),
});

/** Where a version is wanted a number means a version: a name of digits would lead to another one. */
function refuseBadName(name: string): void {
  if (name === '' || name.length > LONGEST)
    throw new SerinError('badRequest', `A version's tag needs a name of 1 to ${LONGEST} characters`);
  if (/^\d+$/.test(name))
    throw new SerinError('badRequest', `"${name}" would be taken for version ${name}: use a name with a letter in it`);
}

function refuseTakenName(tx: ReadTx, version: Job, name: string): void {
  const tagged = findTagged(tx, version, name);
  if (!tagged || tagged.Version === version.Version) return;
  throw new SerinError(
    'refused',
    `tag "${name}" already stands for version ${tagged.Version} of job "${version.ID}"; unset it first, or choose another name`,
  );
}

const findTagged = (tx: ReadTx, { Namespace, ID }: Job, name: string): Job | undefined =>
  tx.jobVersions(Namespace, ID).find((version) => version.VersionTag?.Name === name);
