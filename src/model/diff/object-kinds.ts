/** How each kind of object below a job is shown in a diff, as a table. */
import type { Affinity, Constraint } from '../constraint.ts';
import type { DisconnectStrategy } from '../disconnect.ts';
import type { EphemeralDisk, VolumeRequest } from '../job.ts';
import type { Network, Port } from '../network.ts';
import type { ReschedulePolicy, RestartPolicy, UpdateStrategy } from '../policies.ts';
import type { Artifact, LogConfig, TaskResources, Template } from '../task.ts';
import { type ObjectKind, objectDiff, setDiffs, wordsDiff } from './object-diffs.ts';

export const CONSTRAINT: ObjectKind<Constraint> = { name: 'Constraint', contextual: true };
export const AFFINITY: ObjectKind<Affinity> = { name: 'Affinity', contextual: true };
export const RESTART: ObjectKind<RestartPolicy> = { name: 'RestartPolicy', contextual: true };
export const RESCHEDULE: ObjectKind<ReschedulePolicy> = { name: 'ReschedulePolicy', contextual: true };
export const DISCONNECT: ObjectKind<DisconnectStrategy> = { name: 'Disconnect', contextual: true };
export const DISK: ObjectKind<EphemeralDisk> = { name: 'EphemeralDisk', contextual: true };
export const CONSUL: ObjectKind<{ Namespace: string }> = { name: 'Consul', contextual: true };
export const VOLUME: ObjectKind<VolumeRequest> = { name: 'Volume', contextual: true };
export const LOG_CONFIG: ObjectKind<LogConfig> = { name: 'LogConfig', contextual: true };
export const TEMPLATE: ObjectKind<Template> = { name: 'Template', contextual: true };
export const DISPATCH_PAYLOAD: ObjectKind<{ File: string }> = { name: 'DispatchPayload', contextual: true };
export const PERIODIC: ObjectKind<object> = { name: 'Periodic', contextual: true };

/** Stagger is echoed only: it changes nothing, so it is no change. */
export const UPDATE: ObjectKind<UpdateStrategy> = {
  name: 'Update',
  shape: { without: ['Stagger'] },
  contextual: true,
};

export const ARTIFACT: ObjectKind<Artifact> = {
  name: 'Artifact',
  shape: { maps: ['GetterOptions', 'GetterHeaders'] },
  contextual: true,
};

export const PARAMETERIZED: ObjectKind<{ MetaRequired: string[] | null; MetaOptional: string[] | null }> = {
  name: 'ParameterizedJob',
  contextual: true,
  objects: (before, after) => [
    ...wordsDiff('MetaOptional', before?.MetaOptional, after?.MetaOptional),
    ...wordsDiff('MetaRequired', before?.MetaRequired, after?.MetaRequired),
  ],
};

const STATIC_PORT: ObjectKind<Port> = { name: 'Static Port', contextual: true };
const DYNAMIC_PORT: ObjectKind<Port> = { name: 'Dynamic Port', shape: { without: ['Value'] }, contextual: true };

interface Dns {
  readonly Servers: string[] | null;
  readonly Searches: string[] | null;
  readonly Options: string[] | null;
}

const DNS: ObjectKind<Record<keyof Dns, string>> = { name: 'DNS', contextual: true };

export const NETWORK: ObjectKind<Network> = {
  name: 'Network',
  contextual: false,
  objects: (before, after) => [
    ...setDiffs(STATIC_PORT, before?.ReservedPorts, after?.ReservedPorts),
    ...setDiffs(DYNAMIC_PORT, before?.DynamicPorts, after?.DynamicPorts),
    ...objectDiff(DNS, joined(before?.DNS), joined(after?.DNS)),
  ],
};

interface Device {
  readonly Name: string;
  readonly Count: number;
  readonly Constraints: Constraint[] | null;
  readonly Affinities: Affinity[] | null;
}

const DEVICE: ObjectKind<Device> = {
  name: 'Device',
  contextual: true,
  objects: (before, after) => [
    ...setDiffs(CONSTRAINT, before?.Constraints, after?.Constraints),
    ...setDiffs(AFFINITY, before?.Affinities, after?.Affinities),
  ],
};

export const RESOURCES: ObjectKind<TaskResources> = {
  name: 'Resources',
  contextual: true,
  objects: (before, after) => [
    ...setDiffs(NETWORK, before?.Networks, after?.Networks),
    ...setDiffs(DEVICE, before?.Devices as Device[] | null, after?.Devices as Device[] | null),
  ],
};

export const VAULT: ObjectKind<{ Policies: string[] | null }> = {
  name: 'Vault',
  contextual: true,
  objects: (before, after) => wordsDiff('Policies', before?.Policies, after?.Policies),
};

function joined(dns: unknown): Record<keyof Dns, string> | null {
  if (!dns) return null;
  const { Servers, Searches, Options } = dns as Dns;
  return { Servers: joinWords(Servers), Searches: joinWords(Searches), Options: joinWords(Options) };
}

const joinWords = (words: readonly string[] | null): string => (words ?? []).join(',');
