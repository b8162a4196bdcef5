/**
 * What an allocation was given, in the four spellings of the wire. A row keeps only its ports: the rest is its group's,
 * and is put together here.
 */
import type { Allocation } from './allocation.ts';
import { findGroup, type Job, type TaskGroup } from './job.ts';
import type { AllocatedPort, Network, Port } from './network.ts';
import type { Node } from './node.ts';
import type { Task, TaskResources } from './task.ts';

export interface AllocResources {
  readonly Resources: object;
  readonly SharedResources: object;
  readonly TaskResources: object;
  readonly AllocatedResources: object;
}

type PlacedOn = Pick<Node, 'NodeResources'> | undefined;

const NONE: TaskResources = {
  CPU: 0,
  Cores: 0,
  MemoryMB: 0,
  MemoryMaxMB: 0,
  DiskMB: 0,
  IOPS: 0,
  Networks: null,
  Devices: null,
};

/** undefined where the job's version is not known any more. */
export function allocResources(row: Allocation, job: Job | undefined, node: PlacedOn): AllocResources | undefined {
  const group = job && findGroup(job, row.TaskGroup);
  if (!group) return undefined;
  const networks = givenNetworks(group.Networks, row, node);
  const diskMB = group.EphemeralDisk.SizeMB;
  return {
    Resources: { ...sumOf(group), DiskMB: diskMB, Networks: networks },
    SharedResources: { ...NONE, DiskMB: diskMB, Networks: networks },
    TaskResources: byTask(group, (task) => task.Resources),
    AllocatedResources: {
      Tasks: byTask(group, (task) => allocatedOf(task, row, node)),
      TaskLifecycles: byTask(group, (task) => task.Lifecycle),
      Shared: { Networks: networks, DiskMB: diskMB, Ports: portsOf(group, row) },
    },
  };
}

const byTask = <T>(group: TaskGroup, view: (task: Task) => T): Record<string, T> =>
  Object.fromEntries(group.Tasks.map((task) => [task.Name, view(task)]));

/** A task without a limit above its reserve counts with its reserve. */
function sumOf(group: TaskGroup): TaskResources {
  const sum = { ...NONE };
  for (const { Resources } of group.Tasks) {
    sum.CPU += Resources.CPU;
    sum.Cores += Resources.Cores;
    sum.MemoryMB += Resources.MemoryMB;
    sum.MemoryMaxMB += Resources.MemoryMaxMB || Resources.MemoryMB;
  }
  return sum;
}

function allocatedOf(task: Task, row: Allocation, node: PlacedOn): object {
  return {
    Cpu: { CpuShares: task.Resources.CPU, ReservedCores: null },
    Memory: { MemoryMB: task.Resources.MemoryMB, MemoryMaxMB: task.Resources.MemoryMaxMB },
    Networks: givenNetworks(task.Resources.Networks, row, node),
    Devices: null,
  };
}

/** The networks asked for, with the address and the ports that were given. */
function givenNetworks(asked: readonly Network[] | null, row: Allocation, node: PlacedOn): Network[] | null {
  if (!asked) return null;
  const given = new Map(row.Ports.map((port) => [port.Label, port]));
  return asked.map((network) => ({
    ...network,
    IP: addressOf(network, given, node),
    ReservedPorts: givenPorts(network.ReservedPorts, given),
    DynamicPorts: givenPorts(network.DynamicPorts, given),
  }));
}

function addressOf(network: Network, given: ReadonlyMap<string, AllocatedPort>, node: PlacedOn): string {
  const ports = [...(network.ReservedPorts ?? []), ...(network.DynamicPorts ?? [])];
  const held = ports.map((port) => given.get(port.Label)?.HostIP).find((address) => address);
  return held ?? node?.NodeResources.Networks?.[0]?.IP ?? network.IP;
}

function givenPorts(ports: readonly Port[] | null, given: ReadonlyMap<string, AllocatedPort>): Port[] | null {
  return ports?.map((port) => ({ ...port, Value: given.get(port.Label)?.Value ?? port.Value })) ?? null;
}

/** The ports of the group's networks only: those of a task's own network stand with the task. */
function portsOf(group: TaskGroup, row: Allocation): AllocatedPort[] | null {
  const ports = (group.Networks ?? []).flatMap(({ ReservedPorts, DynamicPorts }) => [
    ...(ReservedPorts ?? []),
    ...(DynamicPorts ?? []),
  ]);
  const labels = new Set(ports.map((port) => port.Label));
  const given = row.Ports.filter((port) => labels.has(port.Label));
  return given.length > 0 ? given : null;
}
