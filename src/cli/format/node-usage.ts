/** What a node's machine and the allocations on it use, as text. */
import type { AllocStatsView, HostStatsView, NodeView } from '../../api/views.ts';
import { formatKeyValues, formatList } from './table.ts';
import { formatBytes, formatMegabytes } from './words.ts';

export interface NodeUsage {
  /** What cannot be asked is said in a sentence. */
  readonly host: HostStatsView | string;
  /** Of the allocations that run. */
  readonly allocs: readonly AllocStatsView[];
}

/** What its running allocations use of what it offers. */
export function formatAllocUsage(node: NodeView, allocs: readonly AllocStatsView[]): string {
  const usages = allocs.flatMap(({ ResourceUsage }) => ResourceUsage ?? []);
  const ticks = sum(usages.map(({ CpuStats }) => CpuStats?.TotalTicks ?? 0));
  const bytes = sum(usages.map(({ MemoryStats }) => MemoryStats?.RSS || MemoryStats?.Usage || 0));
  const { Cpu, Memory } = node.NodeResources;
  return formatList([
    ['CPU', 'Memory'],
    [`${Math.floor(ticks)}/${Cpu.CpuShares} MHz`, `${formatBytes(bytes)}/${formatMegabytes(Memory.MemoryMB)}`],
  ]);
}

/** What the machine uses of what it has, tasks and all. */
export function formatHostUsage(node: NodeView, host: HostStatsView): string {
  const { AllocDirStats: disk, Memory: memory, CPUTicksConsumed: ticks = 0 } = host;
  return formatList([
    ['CPU', 'Memory', 'Disk'],
    [
      `${Math.floor(ticks)}/${node.NodeResources.Cpu.CpuShares} MHz`,
      memory ? `${formatBytes(memory.Used)}/${formatBytes(memory.Total)}` : 'N/A',
      disk ? `${formatBytes(disk.Used)}/${formatBytes(disk.Size)}` : 'N/A',
    ],
  ]);
}

/** Each with its title. */
export function detailedStats({ CPU, Memory, DiskStats }: HostStatsView): [title: string, body: string][] {
  const cores = (CPU ?? []).map((core) =>
    formatKeyValues([
      ['CPU', core.CPU],
      ['User', percent(core.User)],
      ['System', percent(core.System)],
      ['Idle', percent(core.Idle)],
    ]),
  );
  const memory = Memory ? [formatMemory(Memory)] : [];
  const disks = (DiskStats ?? []).map((disk) =>
    formatKeyValues([
      ['Device', disk.Device],
      ['MountPoint', disk.Mountpoint],
      ['Size', formatBytes(disk.Size)],
      ['Used', formatBytes(disk.Used)],
      ['Available', formatBytes(disk.Available)],
      ['Used Percent', percent(disk.UsedPercent)],
      ['Inodes Percent', percent(disk.InodesUsedPercent)],
    ]),
  );
  return [
    ['CPU Stats', paragraphs(cores)],
    ['Memory Stats', paragraphs(memory)],
    ['Disk Stats', paragraphs(disks)],
  ];
}

const formatMemory = (memory: NonNullable<HostStatsView['Memory']>): string =>
  formatKeyValues([
    ['Total', formatBytes(memory.Total)],
    ['Available', formatBytes(memory.Available)],
    ['Used', formatBytes(memory.Used)],
    ['Free', formatBytes(memory.Free)],
  ]);

const paragraphs = (parts: readonly string[]): string => (parts.length > 0 ? parts.join('\n\n') : 'None');

const percent = (share: number): string => `${share.toFixed(2)}%`;

/** "23m57s", "3h0m5s": as long as it takes. */
export function formatUptime(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${Math.floor(seconds) % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);
