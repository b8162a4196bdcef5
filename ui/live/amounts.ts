/** Processor, memory and disk: what a node has, and what is asked of it. */
import type { Node } from '../../src/model/node.ts';

export interface Amounts {
  readonly cpuMHz: number;
  readonly memoryMB: number;
  readonly diskMB: number;
}

export const NOTHING: Amounts = { cpuMHz: 0, memoryMB: 0, diskMB: 0 };

export const plus = (a: Amounts, b: Amounts): Amounts => ({
  cpuMHz: a.cpuMHz + b.cpuMHz,
  memoryMB: a.memoryMB + b.memoryMB,
  diskMB: a.diskMB + b.diskMB,
});

export const sumOf = (rows: Iterable<{ readonly asked: Amounts }>): Amounts => {
  let sum = NOTHING;
  for (const { asked } of rows) sum = plus(sum, asked);
  return sum;
};

/** What may be given to instances: the machine without what it keeps for itself. */
export function roomOf(node: {
  readonly NodeResources?: Node['NodeResources'] | null;
  readonly ReservedResources?: Node['ReservedResources'] | null;
}): Amounts {
  const [all, kept] = [node.NodeResources, node.ReservedResources];
  return {
    cpuMHz: (all?.Cpu.CpuShares ?? 0) - (kept?.Cpu.CpuShares ?? 0),
    memoryMB: (all?.Memory.MemoryMB ?? 0) - (kept?.Memory.MemoryMB ?? 0),
    diskMB: (all?.Disk.DiskMB ?? 0) - (kept?.Disk.DiskMB ?? 0),
  };
}

/** 0 to 1, for a bar. */
export const shareOf = (part: number, whole: number): number =>
  whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;

export const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** "940 MHz", "2.6 GHz". */
export const cpuText = (mhz: number): string => (mhz >= 1000 ? `${short(mhz / 1000)} GHz` : `${Math.round(mhz)} MHz`);

/** "64 MB", "23.5 GB". */
export const sizeText = (mb: number): string => (mb >= 1024 ? `${short(mb / 1024)} GB` : `${Math.round(mb)} MB`);

const short = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 });
