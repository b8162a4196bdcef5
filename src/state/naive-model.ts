/**
 * The state as one would write it without a thought for speed: what a transaction does to plain maps, and everything
 * derived computed afresh. The property tests hold the real one against it.
 */
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import type { JobSummary } from '../model/job-summary.ts';
import type { ReadTx } from './types.ts';

export interface PlainUsage {
  cpu: number;
  memoryMB: number;
  diskMB: number;
  ports: number[];
  allocsByJob: Record<string, number>;
}

/** What everybody can read of a state that has these nodes and jobs, as plain values. */
export function dump(tx: ReadTx, nodeIds: readonly string[], jobIds: readonly string[]) {
  return {
    index: tx.index,
    jobs: sorted([...tx.jobs()]),
    versions: jobIds.map((id) => tx.jobVersions('default', id)),
    allocs: sorted([...tx.allocs()]),
    evaluations: sorted([...tx.evaluations()]),
    deployments: sorted([...tx.deployments()]),
    nodes: tx.nodes(),
    usage: nodeIds.map((id) => plainUsage(tx, id)),
    tables: (['jobs', 'allocs', 'evals', 'deployments', 'nodes'] as const).map((table) => tx.tableIndex(table)),
  };
}

export function plainUsage(tx: ReadTx, nodeId: string): PlainUsage {
  const { cpu, memoryMB, diskMB, ports, allocsByJob } = tx.usage(nodeId);
  return {
    cpu,
    memoryMB,
    diskMB,
    ports: [...ports].sort((a, b) => a - b),
    allocsByJob: Object.fromEntries([...allocsByJob].sort()),
  };
}

export function naiveUsage(tx: ReadTx, nodeId: string): PlainUsage {
  const usage: PlainUsage = { cpu: 0, memoryMB: 0, diskMB: 0, ports: [], allocsByJob: {} };
  const ports = new Set<number>();
  for (const alloc of tx.allocs()) {
    if (alloc.NodeID !== nodeId || isClientTerminal(alloc)) continue;
    const size = sizeOf(tx, alloc);
    const room = roomOfPredecessor(tx, alloc);
    usage.cpu += Math.max(0, size.cpu - room.cpu);
    usage.memoryMB += Math.max(0, size.memoryMB - room.memoryMB);
    usage.diskMB += Math.max(0, size.diskMB - room.diskMB);
    for (const port of alloc.Ports) ports.add(port.Value);
    const key = `${alloc.Namespace}/${alloc.JobID}`;
    usage.allocsByJob[key] = (usage.allocsByJob[key] ?? 0) + 1;
  }
  usage.ports = [...ports].sort((a, b) => a - b);
  usage.allocsByJob = Object.fromEntries(Object.entries(usage.allocsByJob).sort());
  return usage;
}

export function naiveSummary(tx: ReadTx, job: Job): JobSummary['Summary'] {
  const Summary: JobSummary['Summary'] = {};
  const zero = () => ({ Queued: 0, Complete: 0, Failed: 0, Running: 0, Starting: 0, Lost: 0 });
  for (const group of job.TaskGroups) Summary[group.Name] = zero();
  for (const alloc of tx.allocs()) {
    if (alloc.JobID !== job.ID || alloc.CreateIndex < job.CreateIndex) continue;
    const starting = alloc.ClientStatus === 'pending';
    if (starting && alloc.DesiredStatus !== 'run') continue;
    const column = starting ? 'Starting' : `${alloc.ClientStatus[0]!.toUpperCase()}${alloc.ClientStatus.slice(1)}`;
    Summary[alloc.TaskGroup] ??= zero();
    Summary[alloc.TaskGroup]![column as 'Running'] += 1;
  }
  const told = [...tx.evaluations()].filter((each) => each.JobID === job.ID && each.QueuedAllocations);
  const latest = told.sort(
    (a, b) => b.ModifyIndex - a.ModifyIndex || b.CreateIndex - a.CreateIndex || (a.ID < b.ID ? 1 : -1),
  )[0];
  for (const name of Object.keys(Summary)) Summary[name]!.Queued = latest?.QueuedAllocations?.[name] ?? 0;
  return Summary;
}

function roomOfPredecessor(tx: ReadTx, alloc: Allocation): Size {
  const previous = alloc.AwaitsPrevious ? tx.alloc(alloc.PreviousAllocation) : undefined;
  if (!previous || isClientTerminal(previous) || previous.NodeID !== alloc.NodeID) return NOTHING;
  return sizeOf(tx, previous);
}

interface Size {
  readonly cpu: number;
  readonly memoryMB: number;
  readonly diskMB: number;
}

const NOTHING: Size = { cpu: 0, memoryMB: 0, diskMB: 0 };

function sizeOf(tx: ReadTx, alloc: Allocation): Size {
  const job = tx.jobVersion(alloc.Namespace, alloc.JobID, alloc.JobVersion);
  const group = job?.TaskGroups.find((each) => each.Name === alloc.TaskGroup);
  if (!group) return NOTHING;
  return {
    cpu: group.Tasks.reduce((sum, task) => sum + task.Resources.CPU, 0),
    memoryMB: group.Tasks.reduce((sum, task) => sum + task.Resources.MemoryMB, 0),
    diskMB: group.EphemeralDisk.SizeMB,
  };
}

function sorted<Row extends { readonly ID: string }>(rows: Row[]): Row[] {
  return rows.sort((a, b) => (a.ID < b.ID ? -1 : 1));
}
