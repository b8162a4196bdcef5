/** Differences of the groups of a job. */
import { deepEqual } from '../deep-equal.ts';
import type { TaskGroup } from '../job.ts';
import { DiffTypes, type FieldDiff, type ObjectDiff, type TaskGroupDiff } from '../plan.ts';
import { fieldDiffs, flatten, NOTHING } from './field-diffs.ts';
import { byName, namedDiffs, objectDiff, orNull, presenceType, setDiffs } from './object-diffs.ts';
import {
  AFFINITY,
  CONSTRAINT,
  CONSUL,
  DISCONNECT,
  DISK,
  NETWORK,
  RESCHEDULE,
  RESTART,
  UPDATE,
  VOLUME,
} from './object-kinds.ts';
import { serviceDiffs } from './service-diffs.ts';
import { taskDiffs } from './task-diffs.ts';

/** The wire shows these only for a group that stays. */
const ONLY_WHEN_EDITED = ['ShutdownDelay', 'StopAfterClientDisconnect'] as const;

/** Every group of either side, by name. */
export function groupDiffs(before: readonly TaskGroup[], after: readonly TaskGroup[]): TaskGroupDiff[] {
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.map((name) => groupDiff(name, old.get(name), now.get(name)));
}

function groupDiff(name: string, before: TaskGroup | undefined, after: TaskGroup | undefined): TaskGroupDiff {
  const isSame = deepEqual(before, after);
  return {
    Type: isSame ? DiffTypes.none : presenceType(before, after),
    Name: name,
    Fields: orNull(fieldsOf(before, after)),
    Objects: isSame ? null : orNull(objectsOf(before, after)),
    Tasks: orNull(taskDiffs(before?.Tasks, after?.Tasks)),
    Updates: null,
  };
}

function fieldsOf(before: TaskGroup | undefined, after: TaskGroup | undefined): FieldDiff[] {
  const without = ['Name', ...(before && after ? [] : ONLY_WHEN_EDITED)] as (keyof TaskGroup)[];
  const flat = (group: TaskGroup | undefined) => (group ? flatten(group, { without, maps: ['Meta'] }) : NOTHING);
  return fieldDiffs(flat(before), flat(after), false);
}

function objectsOf(before: TaskGroup | undefined, after: TaskGroup | undefined): ObjectDiff[] {
  return [
    ...setDiffs(CONSTRAINT, before?.Constraints, after?.Constraints),
    ...setDiffs(AFFINITY, before?.Affinities, after?.Affinities),
    ...objectDiff(RESTART, before?.RestartPolicy, after?.RestartPolicy),
    ...objectDiff(RESCHEDULE, before?.ReschedulePolicy, after?.ReschedulePolicy),
    ...objectDiff(DISK, before?.EphemeralDisk, after?.EphemeralDisk),
    ...objectDiff(CONSUL, consulOf(before), consulOf(after)),
    ...objectDiff(DISCONNECT, before?.Disconnect, after?.Disconnect),
    ...objectDiff(UPDATE, before?.Update, after?.Update),
    ...setDiffs(NETWORK, before?.Networks, after?.Networks),
    ...serviceDiffs(before?.Services ?? null, after?.Services ?? null),
    ...namedDiffs(VOLUME, volumesOf(before), volumesOf(after)),
  ];
}

const volumesOf = (group: TaskGroup | undefined) => new Map(Object.entries(group?.Volumes ?? {}));

/** Every group has this block; one without a namespace says nothing. */
function consulOf(group: TaskGroup | undefined): { Namespace: string } | null {
  const consul = group?.Consul as { Namespace: string } | null | undefined;
  return consul?.Namespace ? consul : null;
}
