/**
 * Whether a machine is still what its node said it was. Only what somebody acts on counts: the clock of a processor moves
 * by the second, and free space with every line of a log, and neither is worth a word to the server.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Node } from '../model/node.ts';
import { sameDrivers } from './node-row.ts';

/** What changed, each in a word or two; empty: nothing that counts. */
export function nodeChanges(before: Node, now: Node): string[] {
  return RULES.filter(({ changed }) => changed(before, now)).map(({ what }) => what);
}

interface Rule {
  readonly what: string;
  readonly changed: (before: Node, now: Node) => boolean;
}

const RULES: readonly Rule[] = [
  { what: 'drivers', changed: (before, now) => !sameDrivers(before, now) },
  { what: 'memory', changed: differs((node) => node.NodeResources.Memory) },
  { what: 'cores', changed: differs((node) => node.NodeResources.Cpu.TotalCpuCores) },
  { what: 'disk', changed: hasOtherDisk },
  { what: 'network', changed: differs(({ NodeResources: { Networks, NodeNetworks } }) => [Networks, NodeNetworks]) },
  { what: 'attributes', changed: differs(({ Attributes }) => steadyAttributes(Attributes)) },
];

function differs(part: (node: Node) => unknown): Rule['changed'] {
  return (before, now) => !isDeepStrictEqual(part(before), part(now));
}

const MIB = 1024 * 1024;
/** Less than this is noise on any disk. */
const DISK_NOISE_MB = 16;

/** Free space counts once it moved by a tenth, so that a disk that fills up is told of more often the fuller it is. */
function hasOtherDisk(before: Node, now: Node): boolean {
  if (before.Attributes[TOTAL_SPACE] !== now.Attributes[TOTAL_SPACE]) return true;
  const said = before.NodeResources.Disk.DiskMB;
  return Math.abs(now.NodeResources.Disk.DiskMB - said) > Math.max(DISK_NOISE_MB, said / 10);
}

const TOTAL_SPACE = 'unique.storage.bytestotal';

/** Said by another rule, or never still. */
const OF_OTHERS = ['cpu.frequency', 'cpu.totalcompute', 'unique.storage.', 'memory.', 'unique.network.', 'driver.'];

const steadyAttributes = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes)
    .filter(([name]) => !OF_OTHERS.some((prefix) => name.startsWith(prefix)))
    .sort(([a], [b]) => (a < b ? -1 : 1));

export const diskWords = (node: Node): string =>
  `${node.NodeResources.Disk.DiskMB} MB free of ${Math.floor(Number(node.Attributes[TOTAL_SPACE] ?? 0) / MIB)} MB`;
