/**
 * Judges what only we know of an update (surge, the canaries' share, the warm set, previews): what can never work is
 * refused, what works but does nothing is a warning.
 */
import { formatDuration } from '../lib/duration.ts';
import { type ErrorTree, wrong, wrongIf } from './error-tree.ts';
import { groupServices } from './ingress-services.ts';
import { hasPreview } from './ingress-ways.ts';
import type { Job, JobType, TaskGroup } from './job.ts';
import type { UpdateStrategy } from './policies.ts';
import { surgeOf } from './surge.ts';
import { findUnusedUpdateKeys, findUpdateKeys } from './update-meta.ts';

export function validateOurUpdate(update: UpdateStrategy, type: JobType): ErrorTree[] {
  return [...validateWeight(update), ...validateSurge(update, type), ...validateKeepWarm(update)];
}

export function findUpdateWarnings(group: TaskGroup, job: Pick<Job, 'Meta'>): ErrorTree[] {
  const { Update } = group;
  if (!Update) return findUselessKeys(group, job);
  return [
    ...warnOfMaxParallel(Update, group.Count),
    ...warnOfSurge(group, Update),
    ...warnOfKeepWarm(group, Update),
    ...warnOfPreviews(group, Update),
    ...warnOfUnusedKeys(group, job),
  ];
}

function validateWeight({ CanaryWeight, Canary }: UpdateStrategy): ErrorTree[] {
  if (CanaryWeight === undefined) return [];
  return [
    ...wrongIf(
      CanaryWeight < 0 || CanaryWeight > 100,
      `Canary weight must be a percentage between 0 and 100, not ${CanaryWeight}`,
    ),
    ...wrongIf(
      Canary === 0,
      'Canary weight requires a Canary count greater than zero: set canary, or remove canary_weight',
    ),
  ];
}

function validateSurge(update: UpdateStrategy, type: JobType): ErrorTree[] {
  const { MaxSurge } = update;
  if (typeof MaxSurge === 'number' && MaxSurge < 0)
    return wrong(`Max surge can not be less than zero: ${MaxSurge} < 0`);
  if (!mayExceedCount(update)) return [];
  return [
    ...wrongIf(
      type !== 'service',
      `Max surge can only be used with jobs of type "service": one of type ${JSON.stringify(type)} has no count to go above`,
    ),
    ...wrongIf(
      update.MaxParallel === 0,
      'Max surge can not be used with max_parallel = 0: nothing limits such an update, so there is nothing to surge above',
    ),
  ];
}

function validateKeepWarm({ KeepWarm = 0, Canary }: UpdateStrategy): ErrorTree[] {
  return [
    ...wrongIf(KeepWarm < 0, `Keep warm must be zero or greater: ${formatDuration(KeepWarm)}`),
    ...wrongIf(
      KeepWarm > 0 && Canary === 0,
      'Keep warm requires a Canary count greater than zero: it keeps the old set of a blue/green update, where canary is as large as count',
    ),
  ];
}

function warnOfMaxParallel(update: UpdateStrategy, count: number): ErrorTree[] {
  return [
    ...wrongIf(
      update.MaxParallel > count,
      `Update max parallel count is greater than task group count (${update.MaxParallel} > ${count}). A destructive change would result in the simultaneous replacement of all allocations.`,
    ),
    ...wrongIf(
      update.MaxParallel === 0 && (update.BatchInterval ?? 0) > 0,
      'Update has an interval between batches but max_parallel = 0, which makes one batch of all: the interval has no effect.',
    ),
  ];
}

function warnOfSurge(group: TaskGroup, update: UpdateStrategy): ErrorTree[] {
  if (!mayExceedCount(update)) return [];
  const ports = staticPorts(group);
  return [
    ...wrongIf(
      isBlueGreen(update, group.Count),
      `Update has max_surge but as many canaries as instances (${update.Canary} of ${group.Count}): the canaries are a whole second set, and max_surge has no effect.`,
    ),
    ...wrongIf(
      ports.length > 0,
      `Update has max_surge and the group a static port: each new instance needs a node whose port ${ports.join(', ')} is free.`,
    ),
  ];
}

function warnOfKeepWarm(group: TaskGroup, update: UpdateStrategy): ErrorTree[] {
  if ((update.KeepWarm ?? 0) <= 0) return [];
  const ports = staticPorts(group);
  return [
    ...wrongIf(
      !isBlueGreen(update, group.Count),
      `Update has keep_warm but fewer canaries than instances (${update.Canary} of ${group.Count}): it has effect only when canary is at least count.`,
    ),
    ...wrongIf(
      ports.length > 0,
      `Update has keep_warm and the group a static port: the old set and the new one need different nodes whose port ${ports.join(', ')} is free.`,
    ),
  ];
}

function warnOfPreviews(group: TaskGroup, update: UpdateStrategy): ErrorTree[] {
  const previews = groupServices(group).filter((service) => service.Ingress?.some(hasPreview));
  return previews.flatMap(({ Name }) =>
    wrongIf(
      update.Canary === 0,
      `Service ${JSON.stringify(Name)} has a preview but the group no canaries: the preview never leads anywhere.`,
    ),
  );
}

/** Either level may say it; where both do, the group's word is compared alone. */
function warnOfUnusedKeys(group: TaskGroup, job: Pick<Job, 'Meta'>): ErrorTree[] {
  const meta = { ...job.Meta, ...group.Meta };
  return findUnusedUpdateKeys(meta, group.Update).flatMap((key) =>
    wrong(`Meta ${key} = ${JSON.stringify(meta[key])} is not used: the update block says otherwise.`),
  );
}

function findUselessKeys(group: TaskGroup, job: Pick<Job, 'Meta'>): ErrorTree[] {
  return findUpdateKeys({ ...job.Meta, ...group.Meta }).flatMap((key) =>
    wrong(`Meta ${key} has no effect: a job of this type has no update block.`),
  );
}

const mayExceedCount = (update: UpdateStrategy): boolean => surgeOf(update, 100) > 0;

const isBlueGreen = ({ Canary }: UpdateStrategy, count: number): boolean => Canary > 0 && Canary >= count;

function staticPorts(group: TaskGroup): number[] {
  const networks = [...(group.Networks ?? []), ...group.Tasks.flatMap((task) => task.Resources.Networks ?? [])];
  return networks.flatMap((network) => (network.ReservedPorts ?? []).map((port) => port.Value));
}
