/**
 * What changes between two jobs, structurally, in the wire's form: fields as text, objects below them, sorted as the wire
 * sorts them, so that `plan` and the job's history read the same everywhere.
 */
import type { Job } from '../job.ts';
import { DiffTypes, type FieldDiff, type JobDiff, type ObjectDiff } from '../plan.ts';
import { fieldDiffs, flatten, NOTHING } from './field-diffs.ts';
import { groupDiffs } from './group-diffs.ts';
import { objectDiff, orNull, presenceType, setDiffs, wordsDiff } from './object-diffs.ts';
import { AFFINITY, CONSTRAINT, PARAMETERIZED, PERIODIC } from './object-kinds.ts';
import { deepDiff } from './service-diffs.ts';

/** What the server writes is no change of the job. */
const NOT_SHOWN = [
  'ID',
  'Status',
  'StatusDescription',
  'Version',
  'Stable',
  'SubmitTime',
  'CreateIndex',
  'ModifyIndex',
  'JobModifyIndex',
  'RevertOf',
  'NomadTokenID',
] as const satisfies readonly (keyof Job)[];

export interface DiffOptions {
  /** Whether what did not change is shown beside what did, below a changed object. */
  readonly contextual: boolean;
}

/** undefined stands for "no such job": everything is added, or deleted. */
export function diffJobs(
  before: Job | undefined,
  after: Job | undefined,
  options: DiffOptions = { contextual: true },
): JobDiff {
  const diff = diffWithContext(before, after);
  return options.contextual ? diff : withoutContext(diff);
}

function diffWithContext(before: Job | undefined, after: Job | undefined): JobDiff {
  const fields = fieldDiffs(flat(before), flat(after), false);
  const objects = objectsOf(before, after);
  const groups = groupDiffs(before?.TaskGroups ?? [], after?.TaskGroups ?? []);
  return {
    Type: isChanged(fields, objects, groups) ? presenceType(before, after) : DiffTypes.none,
    ID: after?.ID ?? before?.ID ?? '',
    Fields: orNull(fields),
    Objects: orNull(objects),
    TaskGroups: orNull(groups),
  };
}

const flat = (job: Job | undefined) => (job ? flatten(job, { without: NOT_SHOWN, maps: ['Meta'] }) : NOTHING);

function objectsOf(before: Job | undefined, after: Job | undefined): ObjectDiff[] {
  return [
    ...wordsDiff('Datacenters', before?.Datacenters, after?.Datacenters),
    ...setDiffs(CONSTRAINT, before?.Constraints, after?.Constraints),
    ...setDiffs(AFFINITY, before?.Affinities, after?.Affinities),
    ...objectDiff(PERIODIC, before?.Periodic as object | null, after?.Periodic as object | null),
    ...objectDiff(PARAMETERIZED, parameterizedOf(before), parameterizedOf(after)),
    ...deepDiff('Multiregion', multiregionOf(before), multiregionOf(after)),
  ];
}

type Parameterized = { MetaRequired: string[] | null; MetaOptional: string[] | null };
const parameterizedOf = (job: Job | undefined) => job?.ParameterizedJob as Parameterized | null | undefined;
const multiregionOf = (job: Job | undefined) => job?.Multiregion as Record<string, unknown> | null | undefined;

function isChanged(fields: FieldDiff[], objects: ObjectDiff[], groups: readonly { readonly Type: string }[]): boolean {
  return [...fields, ...objects, ...groups].some((each) => each.Type !== DiffTypes.none);
}

function withoutContext(diff: JobDiff): JobDiff {
  const groups = diff.TaskGroups?.map((group) => ({
    ...group,
    Objects: changedObjects(group.Objects),
    Tasks: group.Tasks?.map((task) => ({ ...task, Objects: changedObjects(task.Objects) })) ?? null,
  }));
  return { ...diff, Objects: changedObjects(diff.Objects), TaskGroups: groups ?? null };
}

function changedObjects(objects: ObjectDiff[] | null): ObjectDiff[] | null {
  const changed = (objects ?? []).filter((object) => object.Type !== DiffTypes.none);
  const pruned = changed.map((object) => ({
    ...object,
    Fields: orNull((object.Fields ?? []).filter((field) => field.Type !== DiffTypes.none)),
    Objects: changedObjects(object.Objects),
  }));
  return orNull(pruned);
}
