/**
 * A hash of everything about a node that constraints can see and nodes can share. Nodes of one class are judged once:
 * what differs between any two machines (keys beginning "unique.") must not be in it, whatever decides placement must.
 */
import { createHash } from 'node:crypto';
import type { Node } from './node.ts';

export type ClassifiedNode = Pick<Node, 'Datacenter' | 'NodeClass' | 'Attributes' | 'Meta' | 'Drivers' | 'HostVolumes'>;

const UNIQUE = 'unique.';

/** "v1:" and a number, the same for equal classes on every machine and in every run. */
export function computedClass(node: ClassifiedNode): string {
  const essence = [
    node.Datacenter,
    node.NodeClass,
    shared(node.Attributes),
    shared(node.Meta),
    sorted(node.Drivers ?? {}).map(([name, driver]) => [name, driver.Detected, driver.Healthy]),
    sorted(node.HostVolumes ?? {}).map(([name, volume]) => [name, volume.ReadOnly]),
  ];
  const digest = createHash('sha256').update(JSON.stringify(essence)).digest();
  return `v1:${digest.readBigUInt64BE()}`;
}

const shared = (values: Record<string, string> | null) =>
  sorted(values ?? {}).filter(([key]) => !key.startsWith(UNIQUE));

const sorted = <T>(values: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
