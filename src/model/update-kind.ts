/**
 * What a new version of a job means for the running allocations of a group: nothing, an update in place (the process
 * runs on, under the new version), or its replacement. Whether an in-place update still fits its node is the scheduler's
 * to find out; here only the two specifications are compared.
 */
import { deepEqual } from './deep-equal.ts';
import { findGroup, type Job, type TaskGroup } from './job.ts';
import type { Task } from './task.ts';
import { withoutUpdateKeys } from './update-meta.ts';

export type UpdateKind = 'none' | 'in-place' | 'destructive';

/** What the server writes: it changes without anybody having changed the job. */
const SERVER_SET = [
  'Status',
  'StatusDescription',
  'Stable',
  'Version',
  'SubmitTime',
  'CreateIndex',
  'ModifyIndex',
  'JobModifyIndex',
  'RevertOf',
  'VersionTag',
] as const satisfies readonly (keyof Job)[];

/** A process sees these from its start on, or was placed by them: a change of one replaces every allocation. */
const FIXED_OF_JOB = ['Affinities', 'Spreads'] as const satisfies readonly (keyof Job)[];

const FIXED_OF_GROUP = [
  'Affinities',
  'Spreads',
  'Networks',
  'EphemeralDisk',
] as const satisfies readonly (keyof TaskGroup)[];

const FIXED_OF_TASK = [
  'Driver',
  'User',
  'Config',
  'Env',
  'Meta',
  'Resources',
  'Templates',
  'Artifacts',
  'Affinities',
  'Vault',
  'DispatchPayload',
] as const satisfies readonly (keyof Task)[];

/** Whether anybody changed the job: a registration that did not is no new version. */
export function specChanged(before: Job, after: Job): boolean {
  return !deepEqual(withoutServerSet(before), withoutServerSet(after));
}

/** The two differ in nothing but how many instances their groups have. */
export function onlyCountsChanged(before: Job, after: Job): boolean {
  const counts = (job: Job) => job.TaskGroups.map((group) => group.Count).join();
  return counts(before) !== counts(after) && !specChanged(withoutCounts(before), withoutCounts(after));
}

const withoutCounts = (job: Job): Job => ({
  ...job,
  TaskGroups: job.TaskGroups.map((group) => ({ ...group, Count: 0 })),
});

/** Any change of the specification is at least an in-place update of every group: its allocations move to the new version. */
export function updateKind(before: Job, after: Job, groupName: string): UpdateKind {
  const [oldGroup, newGroup] = [findGroup(before, groupName), findGroup(after, groupName)];
  if (!oldGroup || !newGroup) return 'destructive';
  if (!areSame(FIXED_OF_JOB, before, after) || !isSameMeta(before, after)) return 'destructive';
  if (isReplaced(oldGroup, newGroup)) return 'destructive';
  return specChanged(before, after) ? 'in-place' : 'none';
}

function isReplaced(before: TaskGroup, after: TaskGroup): boolean {
  if (!areSame(FIXED_OF_GROUP, before, after) || !isSameMeta(before, after)) return true;
  if (before.Tasks.length !== after.Tasks.length) return true;
  return before.Tasks.some((task) => {
    const successor = after.Tasks.find((each) => each.Name === task.Name);
    return successor === undefined || !areSame(FIXED_OF_TASK, task, successor);
  });
}

/** What tasks see of it: keys that only say how to update are none of their business. */
const isSameMeta = (before: Pick<Job, 'Meta'>, after: Pick<Job, 'Meta'>): boolean =>
  deepEqual(withoutUpdateKeys(before.Meta), withoutUpdateKeys(after.Meta));

const areSame = <T>(keys: readonly (keyof T)[], before: T, after: T): boolean =>
  keys.every((key) => deepEqual(before[key], after[key]));

function withoutServerSet(job: Job): object {
  const spec: Partial<Job> = { ...job };
  for (const key of SERVER_SET) delete spec[key];
  return spec;
}
