/** A node as text: what it is, what is placed on it, what it can run. */
import type { AllocStub, AllocView, HostStatsView, NodeStub, NodeView } from '../../api/views.ts';
import type { DrainStrategy } from '../../model/node.ts';
import { formatAllocList } from './job.ts';
import { detailedStats, formatAllocUsage, formatHostUsage, formatUptime, type NodeUsage } from './node-usage.ts';
import type { Style } from './style.ts';
import { formatKeyValues, formatList } from './table.ts';
import { byName, formatDistance, formatMegabytes, formatStamp, idOf, type View } from './words.ts';

/** `running`: how many allocations run on each node, by its id; without it there is no such column. */
export function formatNodeList(nodes: readonly NodeStub[], view: View, running?: ReadonlyMap<string, number>): string {
  if (nodes.length === 0) return 'No nodes registered';
  const rows = nodes.map((node) => [
    idOf(node.ID, view),
    node.Datacenter,
    node.Name,
    node.NodeClass,
    String(node.Drain),
    node.SchedulingEligibility,
    node.Status,
    ...(running ? [String(running.get(node.ID) ?? 0)] : []),
  ]);
  const head = ['ID', 'DC', 'Name', 'Class', 'Drain', 'Eligibility', 'Status'];
  return formatList([running ? [...head, 'Running Allocs'] : head, ...rows]);
}

export function formatNode(
  node: NodeView,
  allocations: readonly AllocView[],
  view: View,
  style: Style,
  options: NodeFormatOptions,
): string {
  const parts = [
    formatKeyValues(headPairs(node, view, options.usage)),
    ...(view.verbose ? [titled('Drivers', formatDrivers(node), style)] : []),
    ...(options.short ? [] : longParts(node, allocations, view, options).map((part) => titled(...part, style))),
    titled('Allocations', formatAllocList(allocations.map(stubOf), view), style),
    ...(view.verbose ? [titled('Attributes', formatRecord(node.Attributes), style)] : []),
    ...(view.verbose ? [titled('Meta', formatRecord(node.Meta ?? {}), style)] : []),
  ];
  return parts.join('\n\n');
}

export interface NodeFormatOptions {
  readonly short: boolean;
  /** Absent: nobody asked. */
  readonly usage?: NodeUsage;
  /** With each core, the memory and each disk. */
  readonly stats?: boolean;
}

function longParts(
  node: NodeView,
  allocations: readonly AllocView[],
  view: View,
  { usage, stats = false }: NodeFormatOptions,
): [title: string, body: string][] {
  const host = usage?.host;
  return [
    ['Node Events', formatEvents(node, view)],
    ['Allocated Resources', formatAllocated(node, allocations)],
    ...(usage
      ? ([['Allocation Resource Utilization', formatAllocUsage(node, usage.allocs)]] as [string, string][])
      : []),
    ...(host === undefined ? [] : ([['Host Resource Utilization', hostUsage(node, host)]] as [string, string][])),
    ...(stats && host !== undefined && typeof host !== 'string' ? detailedStats(host) : []),
  ];
}

const hostUsage = (node: NodeView, host: HostStatsView | string): string =>
  typeof host === 'string' ? host : formatHostUsage(node, host);

const titled = (title: string, body: string, style: Style): string => `${style.bold(title)}\n${body}`;

function headPairs(node: NodeView, view: View, usage: NodeUsage | undefined): [string, string][] {
  const host = typeof usage?.host === 'string' ? undefined : usage?.host;
  return [
    ['ID', node.ID],
    ['Name', node.Name],
    ['Class', node.NodeClass],
    ['DC', node.Datacenter],
    ['Drain', String(node.Drain)],
    ...drainPairs(node, view),
    ['Eligibility', node.SchedulingEligibility],
    ['Status', node.Status],
    ...(host?.Uptime === undefined ? [] : ([['Uptime', formatUptime(host.Uptime)]] as [string, string][])),
    ...(view.verbose ? [] : ([['Driver Status', driverSummary(node)]] as [string, string][])),
  ];
}

/** While it drains: until when, why, and what it waits for. */
function drainPairs({ DrainStrategy: strategy, LastDrain, DrainWaits = [] }: NodeView, view: View): [string, string][] {
  if (!strategy) return [];
  const message = LastDrain?.Meta?.['message'];
  return [
    ['Drain Deadline', deadlineWords(strategy, view)],
    ...(message ? [['Drain Message', message] as [string, string]] : []),
    ...DrainWaits.map(({ Message }): [string, string] => ['Drain Waits', Message]),
  ];
}

function deadlineWords({ Deadline, ForceDeadline }: DrainStrategy, view: View): string {
  if (Deadline < 0) return 'at once';
  if (Deadline === 0) return 'none';
  return `${formatStamp(ForceDeadline)} (${formatDistance(Date.parse(ForceDeadline), view.nowMs)})`;
}

function driverSummary(node: NodeView): string {
  const detected = Object.entries(node.Drivers ?? {}).filter(([, driver]) => driver.Detected);
  return detected
    .sort(([a], [b]) => byName(a, b))
    .map(([name, driver]) => (driver.Healthy ? name : `${name} (unhealthy)`))
    .join(',');
}

function formatDrivers(node: NodeView): string {
  const drivers = Object.entries(node.Drivers ?? {}).sort(([a], [b]) => byName(a, b));
  const rows = drivers.map(([name, driver]) => [
    name,
    String(driver.Detected),
    String(driver.Healthy),
    driver.HealthDescription,
    formatStamp(driver.UpdateTime),
  ]);
  return formatList([['Driver', 'Detected', 'Healthy', 'Message', 'Time'], ...rows]);
}

function formatEvents(node: NodeView, view: View): string {
  const heading = ['Time', 'Subsystem', 'Message', ...(view.verbose ? ['Details'] : [])];
  const rows = (node.Events ?? [])
    .toReversed()
    .map((event) => [
      formatStamp(event.Timestamp),
      event.Details?.['driver'] ? `${event.Subsystem}: ${event.Details['driver']}` : event.Subsystem,
      event.Message,
      ...(view.verbose ? [detailsOf(event.Details)] : []),
    ]);
  return formatList([heading, ...rows]);
}

const detailsOf = (details: Record<string, string> | null): string =>
  Object.entries(details ?? {})
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');

/** What its allocations were given of what it offers. */
function formatAllocated(node: NodeView, allocations: readonly AllocView[]): string {
  const live = allocations.filter((alloc) => alloc.ClientStatus === 'running' || alloc.ClientStatus === 'pending');
  const tasks = live.flatMap((alloc) => Object.values(alloc.AllocatedResources?.Tasks ?? {}));
  const cpu = sum(tasks.map((task) => task.Cpu.CpuShares));
  const memory = sum(tasks.map((task) => task.Memory.MemoryMB));
  const disk = sum(live.map((alloc) => alloc.AllocatedResources?.Shared.DiskMB ?? 0));
  const offered = offeredBy(node);
  return formatList([
    ['CPU', 'Memory', 'Disk'],
    [
      `${cpu}/${offered.cpu} MHz`,
      `${formatMegabytes(memory)}/${formatMegabytes(offered.memory)}`,
      `${formatMegabytes(disk)}/${formatMegabytes(offered.disk)}`,
    ],
  ]);
}

const offeredBy = ({ NodeResources: total, ReservedResources: reserved }: NodeView) => ({
  cpu: total.Cpu.CpuShares - (reserved?.Cpu.CpuShares ?? 0),
  memory: total.Memory.MemoryMB - (reserved?.Memory.MemoryMB ?? 0),
  disk: total.Disk.DiskMB - (reserved?.Disk.DiskMB ?? 0),
});

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);

const stubOf = (alloc: AllocView): AllocStub => ({
  ...alloc,
  JobVersion: alloc.Job?.Version ?? alloc.JobVersion ?? 0,
});

const formatRecord = (record: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(record).sort(([a], [b]) => byName(a, b));
  return pairs.length === 0 ? 'None' : formatKeyValues(pairs);
};
