/** A task as a client sends it, made canonical. */
import { readAffinity, readConstraint } from './canonicalize-constraints.ts';
import { readNetwork } from './canonicalize-network.ts';
import { restartOf } from './canonicalize-policies.ts';
import { canonicalizeService } from './canonicalize-service.ts';
import { SECOND } from './nanos.ts';
import type { RestartPolicy } from './policies.ts';
import type { RequestFields } from './request-fields.ts';
import type { Artifact, LogConfig, Task, TaskLifecycle, TaskResources, Template, VolumeMount } from './task.ts';

export interface TaskContext {
  readonly names: { readonly job: string; readonly group: string };
  /** The group's restart policy, under the task's own. */
  readonly restart: RestartPolicy;
}

const DEFAULT_CPU = 100;
const DEFAULT_MEMORY_MB = 300;
const DEFAULT_LOG_FILES = 10;
const DEFAULT_LOG_FILE_MB = 10;

export function canonicalizeTask(fields: RequestFields, context: TaskContext): Task {
  const name = fields.text('Name');
  return {
    Name: name,
    Driver: fields.text('Driver'),
    User: fields.text('User'),
    Config: fields.opaque('Config'),
    Env: fields.textMap('Env'),
    Services: fields.list('Services', (each) => canonicalizeService(each, { ...context.names, task: name })),
    Vault: readVault(fields.object('Vault')),
    Templates: fields.list('Templates', readTemplate),
    Constraints: fields.list('Constraints', readConstraint),
    Affinities: fields.list('Affinities', readAffinity),
    Resources: readResources(fields.object('Resources')),
    RestartPolicy: restartOf(fields, context.restart),
    DispatchPayload: readDispatchPayload(fields.object('DispatchPayload')),
    Lifecycle: readLifecycle(fields.object('Lifecycle')),
    Meta: fields.textMap('Meta'),
    KillTimeout: fields.nanos('KillTimeout', 5 * SECOND),
    LogConfig: readLogConfig(fields.object('LogConfig')),
    Artifacts: fields.list('Artifacts', readArtifact),
    Leader: fields.boolean('Leader'),
    ShutdownDelay: fields.nanos('ShutdownDelay'),
    VolumeMounts: fields.list('VolumeMounts', readVolumeMount),
    ScalingPolicies: fields.list('ScalingPolicies', (policy) => policy.opaque('Policy')),
    KillSignal: fields.text('KillSignal'),
    Kind: fields.text('Kind'),
    CSIPluginConfig: fields.opaque('CSIPluginConfig'),
  };
}

function readResources(fields: RequestFields | undefined): TaskResources {
  const cores = fields?.integer('Cores') ?? 0;
  const cpu = cores > 0 ? 0 : DEFAULT_CPU;
  return {
    CPU: fields?.integer('CPU', cpu) ?? cpu,
    Cores: cores,
    MemoryMB: fields?.integer('MemoryMB', DEFAULT_MEMORY_MB) ?? DEFAULT_MEMORY_MB,
    MemoryMaxMB: fields?.integer('MemoryMaxMB') ?? 0,
    DiskMB: fields?.integer('DiskMB') ?? 0,
    IOPS: fields?.integer('IOPS') ?? 0,
    Networks: fields?.list('Networks', readNetwork) ?? null,
    Devices: fields?.list('Devices', readDevice) ?? null,
  };
}

function readDevice(fields: RequestFields) {
  return {
    Name: fields.text('Name'),
    Count: fields.integer('Count', 1),
    Constraints: fields.list('Constraints', readConstraint),
    Affinities: fields.list('Affinities', readAffinity),
  };
}

function readVault(fields: RequestFields | undefined): unknown {
  if (!fields) return null;
  return {
    Policies: fields.texts('Policies'),
    Namespace: fields.text('Namespace'),
    Env: fields.boolean('Env', true),
    ChangeMode: fields.text('ChangeMode') || 'restart',
    ChangeSignal: (fields.text('ChangeSignal') || 'SIGHUP').toUpperCase(),
  };
}

function readTemplate(fields: RequestFields): Template {
  const changeMode = fields.text('ChangeMode') || 'restart';
  return {
    SourcePath: fields.text('SourcePath'),
    DestPath: fields.text('DestPath'),
    EmbeddedTmpl: fields.text('EmbeddedTmpl'),
    ChangeMode: changeMode,
    ChangeSignal: (fields.text('ChangeSignal') || (changeMode === 'signal' ? 'SIGHUP' : '')).toUpperCase(),
    Splay: fields.nanos('Splay', 5 * SECOND),
    Perms: fields.text('Perms') || '0644',
    LeftDelim: fields.text('LeftDelim') || '{{',
    RightDelim: fields.text('RightDelim') || '}}',
    Envvars: fields.boolean('Envvars'),
    VaultGrace: fields.nanos('VaultGrace'),
  };
}

function readArtifact(fields: RequestFields): Artifact {
  return {
    GetterSource: fields.text('GetterSource'),
    GetterOptions: fields.textMap('GetterOptions'),
    GetterHeaders: fields.textMap('GetterHeaders'),
    GetterMode: fields.text('GetterMode') || 'any',
    RelativeDest: fields.text('RelativeDest') || 'local/',
  };
}

function readVolumeMount(fields: RequestFields): VolumeMount {
  return {
    Volume: fields.text('Volume'),
    Destination: fields.text('Destination'),
    ReadOnly: fields.boolean('ReadOnly'),
    PropagationMode: fields.text('PropagationMode') || 'private',
  };
}

function readLifecycle(fields: RequestFields | undefined): TaskLifecycle | null {
  return fields ? { Hook: fields.text('Hook'), Sidecar: fields.boolean('Sidecar') } : null;
}

function readDispatchPayload(fields: RequestFields | undefined): unknown {
  return fields ? { File: fields.text('File') } : null;
}

function readLogConfig(fields: RequestFields | undefined): LogConfig {
  return {
    MaxFiles: fields?.integer('MaxFiles', DEFAULT_LOG_FILES) ?? DEFAULT_LOG_FILES,
    MaxFileSizeMB: fields?.integer('MaxFileSizeMB', DEFAULT_LOG_FILE_MB) ?? DEFAULT_LOG_FILE_MB,
  };
}
