/** Differences of the tasks of a group. Blocks that the wire does not show (lifecycle, mounts) still make it "Edited". */
import { deepEqual } from '../deep-equal.ts';
import { DiffTypes, type ObjectDiff, type TaskDiff } from '../plan.ts';
import type { Task } from '../task.ts';
import { fieldDiffs, flatten, NOTHING } from './field-diffs.ts';
import { byName, objectDiff, orNull, presenceType, setDiffs } from './object-diffs.ts';
import {
  AFFINITY,
  ARTIFACT,
  CONSTRAINT,
  DISPATCH_PAYLOAD,
  LOG_CONFIG,
  RESOURCES,
  TEMPLATE,
  VAULT,
} from './object-kinds.ts';
import { deepDiff, serviceDiffs } from './service-diffs.ts';

/** Every task of either side, by name. */
export function taskDiffs(before: readonly Task[] | undefined, after: readonly Task[] | undefined): TaskDiff[] {
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.map((name) => taskDiff(name, old.get(name), now.get(name)));
}

function taskDiff(name: string, before: Task | undefined, after: Task | undefined): TaskDiff {
  const isSame = deepEqual(before, after);
  return {
    Type: isSame ? DiffTypes.none : presenceType(before, after),
    Name: name,
    Fields: orNull(fieldDiffs(flat(before), flat(after), false)),
    Objects: isSame ? null : orNull(objectsOf(before, after)),
    Annotations: null,
  };
}

const flat = (task: Task | undefined) => (task ? flatten(task, { without: ['Name'], maps: ['Env', 'Meta'] }) : NOTHING);

function objectsOf(before: Task | undefined, after: Task | undefined): ObjectDiff[] {
  return [
    ...setDiffs(CONSTRAINT, before?.Constraints, after?.Constraints),
    ...setDiffs(AFFINITY, before?.Affinities, after?.Affinities),
    ...deepDiff('Config', before?.Config, after?.Config),
    ...objectDiff(RESOURCES, before?.Resources, after?.Resources),
    ...objectDiff(LOG_CONFIG, before?.LogConfig, after?.LogConfig),
    ...objectDiff(DISPATCH_PAYLOAD, payloadOf(before), payloadOf(after)),
    ...setDiffs(ARTIFACT, before?.Artifacts, after?.Artifacts),
    ...serviceDiffs(before?.Services ?? null, after?.Services ?? null),
    ...objectDiff(VAULT, vaultOf(before), vaultOf(after)),
    ...setDiffs(TEMPLATE, before?.Templates, after?.Templates),
  ];
}

const payloadOf = (task: Task | undefined) => task?.DispatchPayload as { File: string } | null | undefined;
const vaultOf = (task: Task | undefined) => task?.Vault as { Policies: string[] | null } | null | undefined;
