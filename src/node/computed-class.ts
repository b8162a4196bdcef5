/**
 * The class of a node: equal for nodes that no constraint can tell apart. What is a node's own (`unique.…`) and what
 * changes by itself does not count.
 */
import { createHash } from 'node:crypto';
import type { Node } from '../model/node.ts';

export function computedClass(node: Omit<Node, 'ComputedClass'>): string {
  const shared = {
    datacenter: node.Datacenter,
    nodeClass: node.NodeClass,
    attributes: sharedEntries(node.Attributes),
    meta: sharedEntries(node.Meta),
    drivers: Object.entries(node.Drivers)
      .filter(([, driver]) => driver.Detected && driver.Healthy)
      .map(([name]) => name)
      .sort(),
    volumes: Object.keys(node.HostVolumes ?? {}).sort(),
    resources: [node.NodeResources.Cpu, node.NodeResources.Memory],
  };
  const hash = createHash('sha256').update(JSON.stringify(shared)).digest();
  return `v1:${hash.readBigUInt64BE(0)}`;
}

const sharedEntries = (entries: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(entries)
    .filter(([key]) => !key.startsWith('unique.'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
