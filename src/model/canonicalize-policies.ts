/**
 * How a group is updated, migrated, restarted and rescheduled: what the client sent over what the job level says over
 * the defaults of the job's type.
 */
import type { JobType } from './job.ts';
import { HOUR, MINUTE, SECOND } from './nanos.ts';
import type { MigrateStrategy, ReschedulePolicy, RestartPolicy, UpdateStrategy } from './policies.ts';
import type { RequestFields } from './request-fields.ts';
import { updateOfMeta } from './update-meta.ts';

export const DEFAULT_UPDATE: Readonly<UpdateStrategy> = {
  Stagger: 30 * SECOND,
  MaxParallel: 1,
  HealthCheck: 'checks',
  MinHealthyTime: 10 * SECOND,
  HealthyDeadline: 5 * MINUTE,
  ProgressDeadline: 10 * MINUTE,
  AutoRevert: false,
  AutoPromote: false,
  Canary: 0,
};

const NO_UPDATE: Readonly<UpdateStrategy> = {
  Stagger: 0,
  MaxParallel: 0,
  HealthCheck: '',
  MinHealthyTime: 0,
  HealthyDeadline: 0,
  ProgressDeadline: 0,
  AutoRevert: false,
  AutoPromote: false,
  Canary: 0,
};

const DEFAULT_MIGRATE: Readonly<MigrateStrategy> = {
  MaxParallel: 1,
  HealthCheck: 'checks',
  MinHealthyTime: 10 * SECOND,
  HealthyDeadline: 5 * MINUTE,
};

const LONG_RUNNING_RESTART: Readonly<RestartPolicy> = {
  Attempts: 2,
  Interval: 30 * MINUTE,
  Delay: 15 * SECOND,
  Mode: 'fail',
};

const BATCH_RESTART: Readonly<RestartPolicy> = { Attempts: 3, Interval: 24 * HOUR, Delay: 15 * SECOND, Mode: 'fail' };

const SERVICE_RESCHEDULE: Readonly<ReschedulePolicy> = {
  Attempts: 0,
  Interval: 0,
  Delay: 30 * SECOND,
  DelayFunction: 'exponential',
  MaxDelay: HOUR,
  Unlimited: true,
};

const BATCH_RESCHEDULE: Readonly<ReschedulePolicy> = {
  Attempts: 1,
  Interval: 24 * HOUR,
  Delay: 5 * SECOND,
  DelayFunction: 'constant',
  MaxDelay: 0,
  Unlimited: false,
};

const NO_RESCHEDULE: Readonly<ReschedulePolicy> = {
  Attempts: 0,
  Interval: 0,
  Delay: 0,
  DelayFunction: '',
  MaxDelay: 0,
  Unlimited: false,
};

const isBatch = (type: JobType): boolean => type === 'batch' || type === 'sysbatch';

/** What the wire keeps of the job level's block: the rest lives in the groups. */
export function jobUpdateOf(job: RequestFields, type: JobType): UpdateStrategy {
  const merged = mergedJobUpdate(job, type) ?? NO_UPDATE;
  const kept = { ...NO_UPDATE, Stagger: merged.Stagger, MaxParallel: merged.MaxParallel };
  return {
    ...kept,
    ...(merged.BatchInterval && { BatchInterval: merged.BatchInterval }),
    ...(merged.MaxSurge !== undefined && { MaxSurge: merged.MaxSurge }),
  };
}

/**
 * A group's update block: its own fields over the job's over the defaults; none where a batch job has none. What neither
 * block says of ours may stand in `Meta`.
 */
export function groupUpdateOf(group: RequestFields, job: RequestFields, type: JobType): UpdateStrategy | null {
  const own = group.object('Update');
  const jobLevel = mergedJobUpdate(job, type);
  const ofMeta = { ...updateOfMeta(job), ...updateOfMeta(group) };
  const update = own ? mergeUpdate(own, jobLevel ?? DEFAULT_UPDATE) : jobLevel;
  // The first copy is for the order of keys, the last for the values.
  return update ? { ...update, ...ofMeta, ...update } : null;
}

export function migrateOf(group: RequestFields, job: RequestFields, type: JobType): MigrateStrategy | null {
  const jobLevel = job.object('Migrate');
  const own = group.object('Migrate');
  if (!own && !jobLevel && type !== 'service') return null;
  const base = jobLevel ? mergeMigrate(jobLevel, DEFAULT_MIGRATE) : DEFAULT_MIGRATE;
  return own ? mergeMigrate(own, base) : { ...base };
}

export function groupRestartOf(group: RequestFields, type: JobType): RestartPolicy {
  return restartOf(group, isBatch(type) ? BATCH_RESTART : LONG_RUNNING_RESTART);
}

/** A task's own restart fields over its group's policy. */
export function restartOf(owner: RequestFields, base: RestartPolicy): RestartPolicy {
  const own = owner.object('RestartPolicy');
  if (!own) return { ...base };
  return {
    Attempts: own.integer('Attempts', base.Attempts),
    Interval: own.nanos('Interval', base.Interval),
    Delay: own.nanos('Delay', base.Delay),
    Mode: own.text('Mode', base.Mode),
  };
}

export function rescheduleOf(group: RequestFields, job: RequestFields, type: JobType): ReschedulePolicy {
  const base = mergeReschedule(job.object('Reschedule'), defaultReschedule(type));
  return mergeReschedule(group.object('ReschedulePolicy'), base);
}

function mergedJobUpdate(job: RequestFields, type: JobType): UpdateStrategy | undefined {
  const own = job.object('Update');
  if (!own) return type === 'service' ? DEFAULT_UPDATE : undefined;
  if (!isWireRemainder(own)) return mergeUpdate(own, DEFAULT_UPDATE);
  const kept = { Stagger: own.nanos('Stagger'), MaxParallel: own.integer('MaxParallel') };
  const ours = mergeOurs(own, DEFAULT_UPDATE);
  const isEmpty = kept.Stagger === 0 && kept.MaxParallel === 0 && Object.keys(ours).length === 0;
  if (isEmpty && type !== 'service') return undefined;
  return { ...DEFAULT_UPDATE, ...kept, ...ours };
}

/**
 * A job that was read from the wire and is sent back has only Stagger and MaxParallel here, its other fields zero: those
 * zeros mean "see the groups", not a health check of no name with a deadline of nothing.
 */
function isWireRemainder(update: RequestFields): boolean {
  return (
    update.raw('HealthCheck') === '' &&
    ['MinHealthyTime', 'HealthyDeadline', 'ProgressDeadline', 'Canary'].every((key) => update.raw(key) === 0)
  );
}

function mergeUpdate(own: RequestFields, base: UpdateStrategy): UpdateStrategy {
  return {
    Stagger: own.nanos('Stagger', base.Stagger),
    MaxParallel: own.integer('MaxParallel', base.MaxParallel),
    HealthCheck: own.text('HealthCheck', base.HealthCheck),
    MinHealthyTime: own.nanos('MinHealthyTime', base.MinHealthyTime),
    HealthyDeadline: own.nanos('HealthyDeadline', base.HealthyDeadline),
    ProgressDeadline: own.nanos('ProgressDeadline', base.ProgressDeadline),
    AutoRevert: own.boolean('AutoRevert', base.AutoRevert),
    AutoPromote: own.boolean('AutoPromote', base.AutoPromote),
    Canary: own.integer('Canary', base.Canary),
    ...mergeOurs(own, base),
  };
}

/** Fields that only we know: one that nobody said is no key on the wire. */
function mergeOurs(own: RequestFields, base: UpdateStrategy): Partial<UpdateStrategy> {
  const inherited = base.BatchInterval ?? 0;
  const batchInterval = own.nanos('BatchInterval', inherited);
  const weight = own.optionalNumber('CanaryWeight') ?? base.CanaryWeight;
  const surge = own.optionalAmount('MaxSurge') ?? base.MaxSurge;
  const keepWarm = own.optionalNanos('KeepWarm') ?? base.KeepWarm;
  return {
    // A group's 0 against its job's interval must be there, or it would inherit it when the job is sent back.
    ...((batchInterval !== 0 || inherited !== 0) && { BatchInterval: batchInterval }),
    ...(weight !== undefined && { CanaryWeight: weight }),
    ...(surge !== undefined && { MaxSurge: surge }),
    ...(keepWarm !== undefined && { KeepWarm: keepWarm }),
  };
}

function mergeMigrate(own: RequestFields, base: MigrateStrategy): MigrateStrategy {
  return {
    MaxParallel: own.integer('MaxParallel', base.MaxParallel),
    HealthCheck: own.text('HealthCheck', base.HealthCheck),
    MinHealthyTime: own.nanos('MinHealthyTime', base.MinHealthyTime),
    HealthyDeadline: own.nanos('HealthyDeadline', base.HealthyDeadline),
  };
}

function defaultReschedule(type: JobType): ReschedulePolicy {
  if (type === 'service') return SERVICE_RESCHEDULE;
  return type === 'batch' ? BATCH_RESCHEDULE : NO_RESCHEDULE;
}

function mergeReschedule(own: RequestFields | undefined, base: ReschedulePolicy): ReschedulePolicy {
  if (!own) return { ...base };
  const factor = own.optionalNumber('DelayFactor') ?? base.DelayFactor;
  return {
    Attempts: own.integer('Attempts', base.Attempts),
    Interval: own.nanos('Interval', base.Interval),
    Delay: own.nanos('Delay', base.Delay),
    DelayFunction: own.text('DelayFunction', base.DelayFunction),
    ...(factor !== undefined && { DelayFactor: factor }),
    MaxDelay: own.nanos('MaxDelay', base.MaxDelay),
    Unlimited: own.boolean('Unlimited', base.Unlimited),
  };
}
