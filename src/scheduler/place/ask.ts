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
