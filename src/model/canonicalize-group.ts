/** A task group as a client sends it, made canonical. */
import { readAffinity, readConstraint, readSpread } from './canonicalize-constraints.ts';
import { readNetwork } from './canonicalize-network.ts';
import { groupRestartOf, groupUpdateOf, migrateOf, rescheduleOf } from './canonicalize-policies.ts';
import { canonicalizeService } from './canonicalize-service.ts';
import { canonicalizeTask } from './canonicalize-task.ts';
import { readDisconnect } from './disconnect.ts';
import type { EphemeralDisk, JobType, TaskGroup, VolumeRequest } from './job.ts';
import type { RequestFields } from './request-fields.ts';

export interface GroupContext {
  readonly jobName: string;
  readonly type: JobType;
  /** The job level, for the blocks that groups inherit. */
  readonly job: RequestFields;
}

const DEFAULT_DISK_MB = 300;

export function canonicalizeGroup(fields: RequestFields, context: GroupContext): TaskGroup {
  const name = fields.text('Name');
  const names = { job: context.jobName, group: name };
  const restart = groupRestartOf(fields, context.type);
  const disconnect = readDisconnect(fields.object('Disconnect'));
  return {
    Name: name,
    Count: fields.integer('Count', defaultCount(fields)),
    Update: groupUpdateOf(fields, context.job, context.type),
    Migrate: migrateOf(fields, context.job, context.type),
    Constraints: fields.list('Constraints', readConstraint),
    Scaling: readScaling(fields.object('Scaling')),
    RestartPolicy: restart,
    Tasks: fields.list('Tasks', (task) => canonicalizeTask(task, { names, restart })) ?? [],
    EphemeralDisk: readDisk(fields.object('EphemeralDisk')),
    Meta: fields.textMap('Meta'),
    ReschedulePolicy: rescheduleOf(fields, context.job, context.type),
    Affinities: fields.list('Affinities', readAffinity),
    Spreads: fields.list('Spreads', readSpread),
    Networks: fields.list('Networks', readNetwork),
    Consul: { Namespace: fields.object('Consul')?.text('Namespace') ?? '' },
    Services: fields.list('Services', (service) => canonicalizeService(service, { ...names, task: undefined })),
    Volumes: fields.map('Volumes', readVolume),
    ShutdownDelay: fields.optionalNanos('ShutdownDelay'),
    StopAfterClientDisconnect: fields.optionalNanos('StopAfterClientDisconnect'),
    ...(disconnect && { Disconnect: disconnect }),
  };
}

/** A scaled group without a count starts at its lower bound. */
function defaultCount(fields: RequestFields): number {
  return fields.object('Scaling')?.integer('Min', 1) ?? 1;
}

function readScaling(fields: RequestFields | undefined): unknown {
  if (!fields) return null;
  return {
    Min: fields.integer('Min', 1),
    Max: fields.integer('Max'),
    Enabled: fields.boolean('Enabled', true),
    Policy: fields.opaque('Policy'),
  };
}

function readDisk(fields: RequestFields | undefined): EphemeralDisk {
  return {
    Sticky: fields?.boolean('Sticky') ?? false,
    SizeMB: fields?.integer('SizeMB', DEFAULT_DISK_MB) ?? DEFAULT_DISK_MB,
    Migrate: fields?.boolean('Migrate') ?? false,
  };
}

function readVolume(fields: RequestFields, name: string): VolumeRequest {
  return {
    Name: fields.text('Name') || name,
    Type: fields.text('Type'),
    Source: fields.text('Source'),
    ReadOnly: fields.boolean('ReadOnly'),
    AccessMode: fields.text('AccessMode'),
    AttachmentMode: fields.text('AttachmentMode'),
    MountOptions: fields.opaque('MountOptions'),
    PerAlloc: fields.boolean('PerAlloc'),
  };
}
