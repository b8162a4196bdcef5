/**
 * A job as it is on the wire (`/v1/job/:id`), canonical: every default filled in, merged fields merged.
 * What a client sends may lack any key; `canonicalize.ts` makes one of these of it and `validate.ts` judges it.
 * Fields of ours stand among the wire's and are marked "Ours".
 */
import type { Affinity, Constraint, Spread } from './constraint.ts';
import type { DisconnectStrategy } from './disconnect.ts';
import type { Nanos } from './nanos.ts';
import type { Network } from './network.ts';
import type { MigrateStrategy, ReschedulePolicy, RestartPolicy, UpdateStrategy } from './policies.ts';
import type { Service } from './service.ts';
import type { Task } from './task.ts';

export const JobTypes = { service: 'service', batch: 'batch', system: 'system', sysbatch: 'sysbatch' } as const;
export type JobType = (typeof JobTypes)[keyof typeof JobTypes];

export const JobStatuses = { pending: 'pending', running: 'running', dead: 'dead' } as const;
export type JobStatus = (typeof JobStatuses)[keyof typeof JobStatuses];

export const DEFAULT_NAMESPACE = 'default';
export const DEFAULT_REGION = 'global';

export interface EphemeralDisk {
  Sticky: boolean;
  SizeMB: number;
  Migrate: boolean;
}

export interface VolumeRequest {
  Name: string;
  Type: string;
  Source: string;
  ReadOnly: boolean;
  AccessMode?: string;
  AttachmentMode?: string;
  MountOptions?: unknown;
  PerAlloc?: boolean;
}

export interface TaskGroup {
  Name: string;
  Count: number;
  Update: UpdateStrategy | null;
  Migrate: MigrateStrategy | null;
  Constraints: Constraint[] | null;
  Scaling: unknown;
  RestartPolicy: RestartPolicy;
  Tasks: Task[];
  EphemeralDisk: EphemeralDisk;
  Meta: Record<string, string> | null;
  ReschedulePolicy: ReschedulePolicy;
  Affinities: Affinity[] | null;
  Spreads: Spread[] | null;
  Networks: Network[] | null;
  Consul: unknown;
  Services: Service[] | null;
  Volumes: Record<string, VolumeRequest> | null;
  ShutdownDelay: Nanos | null;
  StopAfterClientDisconnect: Nanos | null;
  /** Not of the wire that 1.1.2 speaks; absent: instances of a lost node are given up at once. */
  Disconnect?: DisconnectStrategy;
}

export interface Job {
  Stop: boolean;
  Region: string;
  Namespace: string;
  ID: string;
  ParentID: string;
  Name: string;
  Type: JobType;
  Priority: number;
  AllAtOnce: boolean;
  Datacenters: string[];
  Constraints: Constraint[] | null;
  Affinities: Affinity[] | null;
  Spreads: Spread[] | null;
  TaskGroups: TaskGroup[];
  /** The job level's own block, as the wire keeps it; what counts is each group's merged Update. */
  Update: UpdateStrategy;
  Multiregion: unknown;
  Periodic: unknown;
  ParameterizedJob: unknown;
  Dispatched: boolean;
  Payload: string | null;
  Meta: Record<string, string> | null;
  ConsulToken: string;
  ConsulNamespace: string;
  VaultToken: string;
  VaultNamespace: string;
  NomadTokenID: string;
  Status: JobStatus;
  StatusDescription: string;
  Stable: boolean;
  Version: number;
  SubmitTime: Nanos;
  CreateIndex: number;
  ModifyIndex: number;
  JobModifyIndex: number;
  /** Ours: the version whose specification this one brought back. What has run before needs no canaries. */
  RevertOf?: number;
  /** Ours: the app of Marathon that the job is; absent: none. */
  Marathon?: MarathonPart;
  /** A name that somebody gave this version; a tagged version is not forgotten. */
  VersionTag?: JobVersionTag | null;
}

export interface MarathonPart {
  /** The app in Marathon's canonical form, without its count (`marathon/app.ts`): what was put comes back. */
  App: Record<string, unknown>;
  /** Marathon's time stamps; `Version` is unique and increases with every change of the app. */
  Version: string;
  LastScalingAt: string;
  LastConfigChangeAt: string;
  /** When somebody last asked for a restart without a change. */
  RestartedAt?: string;
}

export interface JobVersionTag {
  Name: string;
  Description: string;
  TaggedTime: Nanos;
}

/** A new version is not the one that somebody named. */
export function withoutTag(job: Job): Job {
  const { VersionTag: _, ...rest } = job;
  return rest;
}

/** What a client may send: any key missing or null, at any depth; unknown keys are dropped as Go clients expect. */
export type JobRequest = { [Key in keyof Job]?: unknown };

export const findGroup = (job: Job, name: string): TaskGroup | undefined =>
  job.TaskGroups.find((group) => group.Name === name);

export const isStopped = (job: Job | undefined): boolean => job === undefined || job.Stop;
