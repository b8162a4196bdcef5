/** Gives an instance its ports on a node: the static ones it asks for, and dynamic ones that nobody holds. */
import type { Random } from '../../lib/random.ts';
import { randomInt } from '../../lib/random.ts';
import { type AllocatedPort, DYNAMIC_PORT_FIRST, DYNAMIC_PORT_LAST } from '../../model/network.ts';
import type { Node } from '../../model/node.ts';
import type { PortAsk } from './ask.ts';

/** Where dynamic ports are given from, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const dynamicPortsOf = ({ NodeResources }: Node): PortRange => ({
  first: NodeResources.MinDynamicPort ?? DYNAMIC_PORT_FIRST,
  last: NodeResources.MaxDynamicPort ?? DYNAMIC_PORT_LAST,
});

/** "" where every static port is free; else the dimension that the wire counts. */
export function staticCollision(asked: readonly PortAsk[], isTaken: (port: number) => boolean): string {
  for (const { port, isStatic } of asked) {
    if (isStatic && isTaken(port.Value)) return `network: reserved port collision ${port.Label}=${port.Value}`;
  }
  return '';
}

export const DYNAMIC_PORTS_EXHAUSTED = 'network: dynamic port selection failed';

/** undefined: the node has no dynamic port left. Static ports were found free before. */
export function assignPorts(
  asked: readonly PortAsk[],
  isTaken: (port: number) => boolean,
  node: Node,
  random: Random,
): AllocatedPort[] | undefined {
  const hostIP = hostAddress(node);
  const range = dynamicPortsOf(node);
  const given = new Set<number>();
  for (const { port, isStatic } of asked) if (isStatic) given.add(port.Value);
  const ports: AllocatedPort[] = [];
  for (const { port, isStatic } of asked) {
    const value = isStatic ? port.Value : freePort(range, (port) => isTaken(port) || given.has(port), random);
    if (value === undefined) return undefined;
    given.add(value);
    ports.push({ Label: port.Label, Value: value, To: port.To === -1 ? value : port.To, HostIP: hostIP });
  }
  return ports;
}

/** From a random start, so that a port just freed is not the next one given; a client may still be talking to it. */
function freePort(range: PortRange, isTaken: (port: number) => boolean, random: Random): number | undefined {
  const count = range.last - range.first + 1;
  const start = randomInt(random, count);
  for (let step = 0; step < count; step++) {
    const port = range.first + ((start + step) % count);
    if (!isTaken(port)) return port;
  }
  return undefined;
}

const parsed = new Map<string, ReadonlySet<number>>([['', new Set()]]);
const MAX_PARSED = 1000;

/** "22,80,8500-8600": the host ports that a node keeps for itself. Many nodes share one text. */
export function reservedPorts(node: Node): ReadonlySet<number> {
  const text = node.ReservedResources.Networks.ReservedHostPorts;
  let ports = parsed.get(text);
  if (!ports) {
    if (parsed.size >= MAX_PARSED) parsed.clear();
    ports = new Set(text.split(',').flatMap(portRange));
    parsed.set(text, ports);
  }
  return ports;
}

function portRange(part: string): number[] {
  const [first, last = first] = part.split('-').map((text) => Number(text.trim()));
  if (!first || !last || last < first || last > 65535) return [];
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** The address under which the node's ports are reached. */
export function hostAddress(node: Node): string {
  return node.NodeResources.Networks?.find((network) => network.IP !== '')?.IP ?? '';
}
