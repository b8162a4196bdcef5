/** A node as the wire has it, and as an entry of a list. The secret never leaves. */
import type { DrainWait, Node } from './node.ts';

/** The whole node, as `/v1/node/:id` answers it; what its drain waits for is ours, and there only while it waits. */
export function nodeView(node: Node, waits: readonly DrainWait[] = []): object {
  return {
    Attributes: node.Attributes,
    CSIControllerPlugins: null,
    CSINodePlugins: null,
    ComputedClass: node.ComputedClass,
    CreateIndex: node.CreateIndex,
    Datacenter: node.Datacenter,
    Drain: node.Drain,
    DrainStrategy: node.DrainStrategy,
    ...(waits.length > 0 && { DrainWaits: waits }),
    Drivers: node.Drivers,
    Events: node.Events,
    HTTPAddr: node.HTTPAddr,
    HostVolumes: node.HostVolumes,
    ID: node.ID,
    LastDrain: node.LastDrain,
    Links: node.Links,
    Meta: node.Meta,
    ModifyIndex: node.ModifyIndex,
    Name: node.Name,
    NodeClass: node.NodeClass,
    NodeResources: node.NodeResources,
    Reserved: olderReserved(node),
    ReservedResources: node.ReservedResources,
    Resources: olderResources(node),
    SchedulingEligibility: node.SchedulingEligibility,
    SecretID: '',
    Status: node.Status,
    StatusDescription: node.StatusDescription,
    StatusUpdatedAt: node.StatusUpdatedAt,
    TLSEnabled: node.TLSEnabled,
  };
}

export interface NodeStubOptions {
  /** Whether what it has and keeps for itself is said too. */
  readonly resources?: boolean;
}

export function nodeStub(node: Node, options: NodeStubOptions = {}): object {
  return {
    Address: hostOf(node.HTTPAddr),
    ID: node.ID,
    Datacenter: node.Datacenter,
    Name: node.Name,
    NodeClass: node.NodeClass,
    Version: node.Attributes['nomad.version'] ?? node.Attributes['serin.version'] ?? '',
    Drain: node.Drain,
    SchedulingEligibility: node.SchedulingEligibility,
    Status: node.Status,
    StatusDescription: node.StatusDescription,
    Drivers: node.Drivers,
    HostVolumes: node.HostVolumes,
    NodeResources: options.resources ? node.NodeResources : null,
    ReservedResources: options.resources ? node.ReservedResources : null,
    LastDrain: node.LastDrain,
    CreateIndex: node.CreateIndex,
    ModifyIndex: node.ModifyIndex,
  };
}

/** What older clients read. */
const olderResources = ({ NodeResources: all }: Node): object => ({
  CPU: all.Cpu.CpuShares,
  Cores: 0,
  MemoryMB: all.Memory.MemoryMB,
  MemoryMaxMB: 0,
  DiskMB: all.Disk.DiskMB,
  IOPS: 0,
  Networks: all.Networks,
  Devices: null,
});

const olderReserved = ({ ReservedResources: reserved }: Node): object => ({
  CPU: reserved.Cpu.CpuShares,
  Cores: 0,
  MemoryMB: reserved.Memory.MemoryMB,
  MemoryMaxMB: 0,
  DiskMB: reserved.Disk.DiskMB,
  IOPS: 0,
  Networks: null,
  Devices: null,
});

/** "10.0.0.1:4646" and "[::1]:4646" without the port. */
const hostOf = (address: string): string => address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
