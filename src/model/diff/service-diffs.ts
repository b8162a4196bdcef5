/** Differences of the services of a group or task, with their tags, checks and ways in. */

import type { ObjectDiff } from '../plan.ts';
import type { CheckRestart, Service, ServiceCheck, ServiceIngress } from '../service.ts';
import { fieldDiffs, flattenDeep } from './field-diffs.ts';
import {
  byName,
  namedDiffs,
  type ObjectKind,
  objectDiff,
  objectOf,
  presenceType,
  setDiffs,
  wordsDiff,
} from './object-diffs.ts';

type Opaque = Readonly<Record<string, unknown>>;

const CHECK_RESTART: ObjectKind<CheckRestart> = { name: 'CheckRestart', contextual: true };
const INGRESS: ObjectKind<ServiceIngress> = { name: 'Ingress', contextual: true };

const CHECK: ObjectKind<ServiceCheck> = {
  name: 'Check',
  contextual: true,
  objects: (before, after) => [
    ...wordsDiff('Args', before?.Args, after?.Args),
    ...deepDiff('Header', before?.Header, after?.Header),
    ...objectDiff(CHECK_RESTART, before?.CheckRestart, after?.CheckRestart),
  ],
};

const SERVICE: ObjectKind<Service> = {
  name: 'Service',
  shape: { maps: ['Meta', 'CanaryMeta'] },
  contextual: true,
  objects: (before, after) => [
    ...wordsDiff('CanaryTags', before?.CanaryTags, after?.CanaryTags, true),
    ...wordsDiff('Tags', before?.Tags, after?.Tags, true),
    ...namedDiffs(CHECK, byName(before?.Checks), byName(after?.Checks)),
    ...deepDiff('Connect', before?.Connect as Opaque | undefined, after?.Connect as Opaque | undefined),
    ...setDiffs(INGRESS, before?.Ingress, after?.Ingress),
  ],
};

export function serviceDiffs(before: readonly Service[] | null, after: readonly Service[] | null): ObjectDiff[] {
  return namedDiffs(SERVICE, byName(before), byName(after));
}

/** An object whose inside may have any shape: shown flat, with what did not change for context. */
export function deepDiff(
  name: string,
  before: Opaque | null | undefined,
  after: Opaque | null | undefined,
): ObjectDiff[] {
  const fields = fieldDiffs(flattenDeep(before), flattenDeep(after), true);
  if (fields.every((field) => field.Type === 'None')) return [];
  return [objectOf(name, presenceType(before, after), fields, [])];
}
