/** A task of a group: one process or container. */
import type { Affinity, Constraint } from './constraint.ts';
import type { Nanos } from './nanos.ts';
import type { Network } from './network.ts';
import type { RestartPolicy } from './policies.ts';
import type { Service } from './service.ts';

export interface TaskResources {
  CPU: number;
  Cores: number;
  MemoryMB: number;
  MemoryMaxMB: number;
  DiskMB: number;
  IOPS: number;
  Networks: Network[] | null;
  Devices: unknown;
}

export interface LogConfig {
  MaxFiles: number;
  MaxFileSizeMB: number;
}

export interface TaskLifecycle {
  /** "prestart", "poststart" or "poststop". */
  Hook: string;
  Sidecar: boolean;
}

export interface Template {
  SourcePath: string;
  DestPath: string;
  EmbeddedTmpl: string;
  ChangeMode: string;
  ChangeSignal: string;
  Splay: Nanos;
  Perms: string;
  LeftDelim: string;
  RightDelim: string;
  Envvars: boolean;
  VaultGrace: Nanos;
}

export interface Artifact {
  GetterSource: string;
  GetterOptions: Record<string, string> | null;
  GetterHeaders: Record<string, string> | null;
  GetterMode: string;
  RelativeDest: string;
}

export interface VolumeMount {
  Volume: string;
  Destination: string;
  ReadOnly: boolean;
  PropagationMode: string;
}

export interface Task {
  Name: string;
  Driver: string;
  User: string;
  /** The driver's own configuration; each driver checks it against its schema. */
  Config: Record<string, unknown> | null;
  Env: Record<string, string> | null;
  Services: Service[] | null;
  Vault: unknown;
  Templates: Template[] | null;
  Constraints: Constraint[] | null;
  Affinities: Affinity[] | null;
  Resources: TaskResources;
  RestartPolicy: RestartPolicy;
  DispatchPayload: unknown;
  Lifecycle: TaskLifecycle | null;
  Meta: Record<string, string> | null;
  KillTimeout: Nanos;
  LogConfig: LogConfig;
  Artifacts: Artifact[] | null;
  Leader: boolean;
  ShutdownDelay: Nanos;
  VolumeMounts: VolumeMount[] | null;
  ScalingPolicies: unknown;
  KillSignal: string;
  Kind: string;
  CSIPluginConfig: unknown;
}
