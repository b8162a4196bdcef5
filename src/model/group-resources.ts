/** What one allocation of a group takes of its node: the sum of its tasks, its disk, its ports. */
import type { TaskGroup } from './job.ts';
import type { Network, Port } from './network.ts';

export interface GroupResources {
  readonly cpu: number;
  readonly memoryMB: number;
  readonly diskMB: number;
}

export interface GroupPorts {
  readonly dynamic: readonly Port[];
  readonly static: readonly Port[];
}

export function groupResources(group: TaskGroup): GroupResources {
  let cpu = 0;
  let memoryMB = 0;
  for (const task of group.Tasks) {
    cpu += task.Resources.CPU;
    memoryMB += task.Resources.MemoryMB;
  }
  return { cpu, memoryMB, diskMB: group.EphemeralDisk.SizeMB };
}

/** The ports of the group's networks, then of those that older jobs write into their tasks' resources. */
export function groupPorts(group: TaskGroup): GroupPorts {
  const networks: Network[] = [...(group.Networks ?? [])];
  for (const task of group.Tasks) networks.push(...(task.Resources.Networks ?? []));
  return {
    dynamic: networks.flatMap((network) => network.DynamicPorts ?? []),
    static: networks.flatMap((network) => network.ReservedPorts ?? []),
  };
}
