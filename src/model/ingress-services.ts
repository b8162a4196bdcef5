/** Which instances take traffic: the services of a group that have a way in, and the ports behind them. */
import type { Allocation } from './allocation.ts';
import type { TaskGroup } from './job.ts';
import type { Service } from './service.ts';

/** The services of a group and of its tasks. */
export function groupServices(group: TaskGroup): Service[] {
  return [...(group.Services ?? []), ...group.Tasks.flatMap((task) => task.Services ?? [])];
}

/** Those of them that an ingress sends requests to. */
export function ingressServices(group: TaskGroup): Service[] {
  return groupServices(group).filter((service) => (service.Ingress ?? []).length > 0);
}

export const hasIngress = (group: TaskGroup): boolean => ingressServices(group).length > 0;

/** Whether an ingress sends requests to the instance: by a service of its group, or because somebody added it by hand. */
export const takesRequests = (group: TaskGroup, alloc: Pick<Allocation, 'Ingress'>): boolean =>
  hasIngress(group) || (alloc.Ingress?.Backends ?? []).length > 0;

/** The ports of an allocation behind which an ingress finds it, each once. */
export function ingressPorts(group: TaskGroup, alloc: Pick<Allocation, 'Ports' | 'Ingress'>): number[] {
  const labels = new Set(ingressServices(group).map((service) => service.PortLabel));
  const added = (alloc.Ingress?.Backends ?? []).length > 0 ? addedPort(group, alloc) : undefined;
  const own = alloc.Ports.filter((port) => labels.has(port.Label)).map((port) => port.Value);
  return added === undefined || own.includes(added) ? own : [...own, added];
}

/** Where an instance that somebody added by hand listens: the port of its first service, or else its first port. */
export function addedPort(group: TaskGroup, { Ports }: Pick<Allocation, 'Ports'>): number | undefined {
  const label = groupServices(group)[0]?.PortLabel;
  return (Ports.find(({ Label }) => Label === label) ?? Ports[0])?.Value;
}

/** The longest that any of the group's services lets an instance drain, in nanoseconds. */
export function drainDeadline(group: TaskGroup): number {
  return Math.max(
    0,
    ...ingressServices(group).flatMap((service) => (service.Ingress ?? []).map((ingress) => ingress.DrainDeadline)),
  );
}

/** True when a drain of the group's instances does not wait for an ingress that cannot be reached. */
export function drainProceeds(group: TaskGroup): boolean {
  return ingressServices(group).every((service) =>
    (service.Ingress ?? []).every((ingress) => ingress.DrainPolicy === 'proceed'),
  );
}
