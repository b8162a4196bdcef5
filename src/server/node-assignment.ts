/**
 * What a node is told: its allocations that have not ended, whether they shall run or stop, and the job versions that
 * they name. Pure; the HTTP resource and the in-process connection give the same. The shape is the node's
 * `NodeAssignment`.
 */
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import type { Change, ReadTx } from '../state/types.ts';

export interface Assignment {
  /** The last change of the server's side on this node; a node's own reports do not move it. At least 1. */
  readonly Index: number;
  readonly Allocs: readonly Allocation[];
  readonly Jobs: readonly Job[];
}

export function nodeAssignment(tx: ReadTx, nodeId: string): Assignment {
  const all = tx.allocsByNode(nodeId);
  const allocs = all.filter((alloc) => !isClientTerminal(alloc));
  // Never 0: to wait past 0 means to be answered at once, and an idle node would ask without end.
  const index = all.reduce((newest, alloc) => Math.max(newest, alloc.AllocModifyIndex), 1);
  return { Index: index, Allocs: allocs, Jobs: jobsOf(tx, allocs) };
}

function jobsOf(tx: ReadTx, allocs: readonly Allocation[]): Job[] {
  const jobs = new Map<string, Job>();
  for (const { Namespace, JobID, JobVersion } of allocs) {
    const job = tx.jobVersion(Namespace, JobID, JobVersion);
    if (job !== undefined) jobs.set(`${Namespace}\0${JobID}\0${JobVersion}`, job);
  }
  return [...jobs.values()];
}

/** Is this a change that the node must learn of? What it reported itself moves no AllocModifyIndex, and must not wake it. */
export function touchesNode({ before, after }: Change, nodeId: string): boolean {
  const [was, is] = [before, after] as [Allocation | undefined, Allocation | undefined];
  return (is ?? was)?.NodeID === nodeId && is?.AllocModifyIndex !== was?.AllocModifyIndex;
}
