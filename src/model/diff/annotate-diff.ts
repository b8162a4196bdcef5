/** Says in a diff what the scheduler would do about it: counts per group, and the words that `plan` prints. */
import type {
  DesiredUpdates,
  FieldDiff,
  JobDiff,
  ObjectDiff,
  PlanAnnotations,
  TaskDiff,
  TaskGroupDiff,
} from '../plan.ts';
import { DiffTypes } from '../plan.ts';

export const UpdateWords = {
  Ignore: 'ignore',
  Place: 'create',
  Migrate: 'migrate',
  Stop: 'destroy',
  InPlaceUpdate: 'in-place update',
  DestructiveUpdate: 'create/destroy update',
  Canary: 'canary',
  Preemptions: 'preemptions',
} as const satisfies Record<keyof DesiredUpdates, string>;

const FORCES = {
  create: 'forces create',
  destroy: 'forces destroy',
  inPlace: 'forces in-place update',
  destructive: 'forces create/destroy update',
} as const;

/** The words of the wire; what really happens is in the counts. */
const IN_PLACE_FIELDS = ['KillTimeout'];
const IN_PLACE_OBJECTS = ['LogConfig', 'Service', 'Constraint'];

export function annotateDiff(diff: JobDiff, annotations: PlanAnnotations | null): JobDiff {
  const groups = diff.TaskGroups?.map((group) => annotateGroup(group, annotations?.DesiredTGUpdates[group.Name]));
  return { ...diff, TaskGroups: groups ?? null };
}

function annotateGroup(group: TaskGroupDiff, desired: DesiredUpdates | undefined): TaskGroupDiff {
  return {
    ...group,
    Fields: group.Fields?.map(annotateCount) ?? null,
    Tasks: group.Tasks?.map((task) => annotateTask(task, group)) ?? null,
    Updates: desired ? countsOf(desired) : group.Updates,
  };
}

function countsOf(desired: DesiredUpdates): Record<string, number> {
  const keys = Object.keys(UpdateWords) as (keyof DesiredUpdates)[];
  return Object.fromEntries(keys.filter((key) => desired[key] > 0).map((key) => [UpdateWords[key], desired[key]]));
}

function annotateCount(field: FieldDiff): FieldDiff {
  if (field.Name !== 'Count' || field.Type === DiffTypes.none) return field;
  const grows = Number(field.New) > Number(field.Old);
  return { ...field, Annotations: [grows ? FORCES.create : FORCES.destroy] };
}

function annotateTask(task: TaskDiff, group: TaskGroupDiff): TaskDiff {
  const word = wordOf(task, group);
  return word === undefined ? task : { ...task, Annotations: [word] };
}

function wordOf(task: TaskDiff, group: TaskGroupDiff): string | undefined {
  if (task.Type === DiffTypes.none) return undefined;
  if (group.Type === DiffTypes.added) return FORCES.create;
  if (group.Type === DiffTypes.deleted) return FORCES.destroy;
  return task.Type === DiffTypes.edited && isInPlace(task) ? FORCES.inPlace : FORCES.destructive;
}

function isInPlace(task: TaskDiff): boolean {
  return areAllowed(task.Fields, IN_PLACE_FIELDS) && areAllowed(task.Objects, IN_PLACE_OBJECTS);
}

const areAllowed = (diffs: readonly (FieldDiff | ObjectDiff)[] | null, names: readonly string[]): boolean =>
  (diffs ?? []).every((diff) => diff.Type === DiffTypes.none || names.includes(diff.Name));
