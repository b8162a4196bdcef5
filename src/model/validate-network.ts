/** Judges the networks of a group and its tasks together: they share the ports of one node. */
import { type ErrorTree, within, wrong, wrongIf } from './error-tree.ts';
import type { TaskGroup } from './job.ts';
import type { Network, Port } from './network.ts';

const MODES = ['', 'host', 'bridge', 'none'];
const LABEL = /^[A-Za-z0-9_-]+$/;
export const LAST_PORT = 65_535;

interface OwnedPort {
  readonly port: Port;
  readonly isStatic: boolean;
  /** "group network" or "task server". */
  readonly owner: string;
}

export function validateNetworks(group: TaskGroup): ErrorTree[] {
  const networks = group.Networks ?? [];
  const ports = portsOf(group);
  return within('Network validation failed', [
    ...wrongIf(networks.length > 1, `Only one network block is allowed in a group, found ${networks.length}`),
    ...networks.flatMap(validateMode),
    ...ports.flatMap(validatePort),
    ...findDuplicateLabels(ports),
    ...findDuplicateStatics(ports),
  ]);
}

/** The labels that services may refer to: those of the group and, for a service of a task, of that task. */
export function portLabels(networks: readonly (Network | undefined)[]): Set<string> {
  const ports = networks.flatMap((network) => [...(network?.ReservedPorts ?? []), ...(network?.DynamicPorts ?? [])]);
  return new Set(ports.map((port) => port.Label));
}

function portsOf(group: TaskGroup): OwnedPort[] {
  const ofTasks = group.Tasks.flatMap((task) => ownedPorts(task.Resources.Networks, `task ${task.Name}`));
  return [...ownedPorts(group.Networks, 'group network'), ...ofTasks];
}

function ownedPorts(networks: readonly Network[] | null, owner: string): OwnedPort[] {
  return (networks ?? []).flatMap((network) => [
    ...(network.ReservedPorts ?? []).map((port) => ({ port, isStatic: true, owner })),
    ...(network.DynamicPorts ?? []).map((port) => ({ port, isStatic: false, owner })),
  ]);
}

function validateMode(network: Network): ErrorTree[] {
  if (MODES.includes(network.Mode) || network.Mode.startsWith('cni/')) return [];
  return wrong(`Unknown network mode ${JSON.stringify(network.Mode)}: use host, bridge, none or cni/<name>`);
}

function validatePort({ port, isStatic, owner }: OwnedPort): ErrorTree[] {
  const name = `port ${JSON.stringify(port.Label)} of ${owner}`;
  return [
    ...wrongIf(port.Label === '', `A port of ${owner} has no label`),
    ...wrongIf(port.Label !== '' && !LABEL.test(port.Label), `${name}: a label has letters, digits, "_" and "-" only`),
    ...wrongIf(
      isStatic && (port.Value < 1 || port.Value > LAST_PORT),
      `${name}: static port ${port.Value} is not between 1 and ${LAST_PORT}`,
    ),
    ...wrongIf(port.To < -1 || port.To > LAST_PORT, `${name}: "to" port ${port.To} is not between 0 and ${LAST_PORT}`),
  ];
}

function findDuplicateLabels(ports: readonly OwnedPort[]): ErrorTree[] {
  return findRepeated(ports, ({ port }) => port.Label).flatMap(({ item, first }) =>
    wrong(`Port label ${JSON.stringify(item.port.Label)} of ${item.owner} is already in use by ${first.owner}`),
  );
}

function findDuplicateStatics(ports: readonly OwnedPort[]): ErrorTree[] {
  const statics = ports.filter(({ isStatic }) => isStatic);
  return findRepeated(statics, ({ port }) => `${port.HostNetwork}/${port.Value}`).flatMap(({ item, first }) =>
    wrong(
      `Static port ${item.port.Value} of ${item.owner} (${item.port.Label}) is already reserved by ${first.owner} (${first.port.Label})`,
    ),
  );
}

/** Every item whose key an earlier one has, with that first one. */
export function findRepeated<T>(items: readonly T[], keyOf: (item: T) => string): { item: T; first: T }[] {
  const firsts = new Map<string, T>();
  const repeated: { item: T; first: T }[] = [];
  for (const item of items) {
    const key = keyOf(item);
    const first = firsts.get(key);
    if (first !== undefined) repeated.push({ item, first });
    else firsts.set(key, item);
  }
  return repeated;
}
