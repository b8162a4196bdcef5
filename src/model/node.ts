/** A node: a machine that runs tasks, as it registered itself. */

import type { Nanos } from './nanos.ts';

export const NodeStatuses = {
  initializing: 'initializing',
  ready: 'ready',
  down: 'down',
  disconnected: 'disconnected',
} as const;
export type NodeStatus = (typeof NodeStatuses)[keyof typeof NodeStatuses];

/** The attribute that says how long a task's kill_timeout may be there: "30s". */
export const MAX_KILL_TIMEOUT = 'client.max_kill_timeout';

export interface DriverInfo {
  Attributes: Record<string, string> | null;
  Detected: boolean;
  Healthy: boolean;
  HealthDescription: string;
  UpdateTime: string;
}

export interface NodeResources {
  Cpu: { CpuShares: number; TotalCpuCores: number; ReservableCpuCores: number[] | null };
  Memory: { MemoryMB: number };
  Disk: { DiskMB: number };
  Networks: NodeNetworkResource[] | null;
  NodeNetworks: unknown[] | null;
  Devices: unknown;
  /** Dynamic ports are given from here, both ends included; only where they are not the usual ones. */
  MinDynamicPort?: number;
  MaxDynamicPort?: number;
}

export interface NodeNetworkResource {
  Mode: string;
  Device: string;
  CIDR: string;
  IP: string;
  MBits: number;
  DNS: unknown;
  ReservedPorts: unknown;
  DynamicPorts: unknown;
}

export interface NodeReservedResources {
  Cpu: { CpuShares: number; ReservedCpuCores: number[] | null };
  Memory: { MemoryMB: number };
  Disk: { DiskMB: number };
  /** "22,80,8500-8600". */
  Networks: { ReservedHostPorts: string };
}

export interface NodeEvent {
  Message: string;
  Subsystem: string;
  Details: Record<string, string> | null;
  Timestamp: string;
  CreateIndex: number;
}

/** What somebody asked of a drain. */
export interface DrainSpec {
  /** In nanoseconds; 0: no deadline; negative: everything goes at once. */
  Deadline: Nanos;
  IgnoreSystemJobs: boolean;
}

/** A drain under way. */
export interface DrainStrategy extends DrainSpec {
  /** A time stamp at which what is left goes at once; the wire's zero time where there is no deadline. */
  ForceDeadline: string;
  StartedAt: string;
}

/** From when on a drain takes whatever is left; Infinity where it has no deadline. */
export function forceFromMs({ Deadline, ForceDeadline }: Pick<DrainStrategy, 'Deadline' | 'ForceDeadline'>): number {
  if (Deadline < 0) return 0;
  return Deadline === 0 ? Number.POSITIVE_INFINITY : Date.parse(ForceDeadline);
}

export interface LastDrain {
  StartedAt: string;
  UpdatedAt: string;
  Status: 'draining' | 'complete' | 'canceled';
  AccessorID: string;
  Meta: Record<string, string> | null;
}

/** Ours: what a drain waits for where it waits, one for each group that still has instances on the node. */
export interface DrainWait {
  Namespace: string;
  JobID: string;
  TaskGroup: string;
  /** Its instances on the node that have not ended. */
  Instances: number;
  Reason: 'health' | 'capacity' | 'load-balancer' | 'scheduler' | 'stopping' | 'batch';
  /** One sentence. */
  Message: string;
  /** When the drain's deadline ends the wait, milliseconds since the epoch; absent where it has none. */
  UntilMs?: number;
}

export interface Node {
  ID: string;
  /** Known to the node and the server only; never leaves through the API. */
  SecretID: string;
  Datacenter: string;
  Name: string;
  HTTPAddr: string;
  TLSEnabled: boolean;
  Attributes: Record<string, string>;
  NodeResources: NodeResources;
  ReservedResources: NodeReservedResources;
  Links: Record<string, string> | null;
  Meta: Record<string, string>;
  NodeClass: string;
  /** A hash of what constraints can see and nodes can share; equal classes are judged once. */
  ComputedClass: string;
  Drivers: Record<string, DriverInfo>;
  HostVolumes: Record<string, { Name: string; Path: string; ReadOnly: boolean }> | null;
  Status: NodeStatus;
  StatusDescription: string;
  /** Seconds since the epoch. */
  StatusUpdatedAt: number;
  SchedulingEligibility: 'eligible' | 'ineligible';
  Drain: boolean;
  DrainStrategy: DrainStrategy | null;
  LastDrain: LastDrain | null;
  Events: NodeEvent[] | null;
  CreateIndex: number;
  ModifyIndex: number;
}

export const isSchedulable = (node: Pick<Node, 'Status' | 'SchedulingEligibility' | 'Drain'>): boolean =>
  node.Status === 'ready' && node.SchedulingEligibility === 'eligible' && !node.Drain;
