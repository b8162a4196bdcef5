/** What one instance of a group asks of its node, summed once per job row. */
import { type GroupResources, groupPorts, groupResources } from '../../model/group-resources.ts';
import type { TaskGroup } from '../../model/job.ts';
import type { Port } from '../../model/network.ts';

export interface PortAsk {
  readonly port: Port;
  readonly isStatic: boolean;
}

export interface Ask extends GroupResources {
  readonly ports: readonly PortAsk[];
}

const known = new WeakMap<TaskGroup, Ask>();

export function askOf(group: TaskGroup): Ask {
  let ask = known.get(group);
  if (!ask) {
    ask = { ...groupResources(group), ports: portAsks(group) };
    known.set(group, ask);
  }
  return ask;
}

function portAsks(group: TaskGroup): PortAsk[] {
  const ports = groupPorts(group);
  return [
    ...ports.static.map((port) => ({ port, isStatic: true })),
    ...ports.dynamic.map((port) => ({ port, isStatic: false })),
  ];
}

export const NO_ROOM: GroupResources = { cpu: 0, memoryMB: 0, diskMB: 0 };

/** What an ask takes that the room it moves into does not already hold. */
export function beyond(ask: GroupResources, room: GroupResources): GroupResources {
  return {
    cpu: Math.max(0, ask.cpu - room.cpu),
    memoryMB: Math.max(0, ask.memoryMB - room.memoryMB),
    diskMB: Math.max(0, ask.diskMB - room.diskMB),
  };
}
