/**
 * What the allocations on each node use, kept as they change: no evaluation adds it up again. An allocation uses its
 * resources until its client status is terminal. One that awaits its predecessor stands in that one's room, so until
 * the predecessor ends it is charged only with what it needs beyond it.
 */
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import { type GroupSize, groupSize, NO_SIZE } from './group-size.ts';
import { jobKey } from './rows.ts';
import type { Usage } from './types.ts';

interface Charge extends GroupSize {
  readonly ports: readonly number[];
}

class NodeTotals implements Usage {
  cpu = 0;
  memoryMB = 0;
  diskMB = 0;
  readonly ports = new Set<number>();
  readonly allocsByJob = new Map<string, number>();
  /** Holders of a port beyond the first; empty but for moments of handing over. */
  readonly extraHolders = new Map<number, number>();
}

const UNUSED: Usage = Object.freeze(new NodeTotals());
const NO_PORTS: readonly number[] = Object.freeze([]);

export interface UsageSource {
  alloc(id: string): Allocation | undefined;
  jobVersion(namespace: string, id: string, version: number): Job | undefined;
}

export class UsageTable {
  readonly #source: UsageSource;
  readonly #nodes = new Map<string, NodeTotals>();
  /** By the predecessor's id: what those that wait for it are charged with now. */
  readonly #waiting = new Map<string, Map<string, Charge>>();

  constructor(source: UsageSource) {
    this.#source = source;
  }

  of(nodeId: string): Usage {
    return this.#nodes.get(nodeId) ?? UNUSED;
  }

  /** Takes away what a row was charged with; call it while the tables still hold the row. */
  release(alloc: Allocation): void {
    if (!isClientTerminal(alloc)) this.#add(alloc, this.#forgetCharge(alloc), -1);
  }

  /** Charges a row; call it once the tables hold it. */
  charge(alloc: Allocation): void {
    if (!isClientTerminal(alloc)) this.#add(alloc, this.#makeCharge(alloc), 1);
  }

  /** Those that wait for this allocation get its room when it ends, and pay for less when it is there. */
  recharge(predecessorId: string): void {
    const waiting = this.#waiting.get(predecessorId);
    if (!waiting) return;
    for (const [id, charge] of waiting) {
      const alloc = this.#source.alloc(id);
      if (!alloc) continue;
      const next = this.#beyondPredecessor(alloc);
      this.#add(alloc, charge, -1);
      this.#add(alloc, next, 1);
      waiting.set(id, next);
    }
  }

  #makeCharge(alloc: Allocation): Charge | undefined {
    if (!alloc.AwaitsPrevious) return undefined;
    const charge = this.#beyondPredecessor(alloc);
    const waiting = this.#waiting.get(alloc.PreviousAllocation) ?? new Map<string, Charge>();
    this.#waiting.set(alloc.PreviousAllocation, waiting.set(alloc.ID, charge));
    return charge;
  }

  #forgetCharge(alloc: Allocation): Charge | undefined {
    if (!alloc.AwaitsPrevious) return undefined;
    const waiting = this.#waiting.get(alloc.PreviousAllocation);
    const charge = waiting?.get(alloc.ID);
    waiting?.delete(alloc.ID);
    if (waiting?.size === 0) this.#waiting.delete(alloc.PreviousAllocation);
    return charge;
  }

  #beyondPredecessor(alloc: Allocation): Charge {
    const size = this.#sizeOf(alloc);
    const ports = alloc.Ports.map((port) => port.Value);
    const previous = this.#source.alloc(alloc.PreviousAllocation);
    if (!previous || isClientTerminal(previous) || previous.NodeID !== alloc.NodeID) return { ...size, ports };
    const room = this.#sizeOf(previous);
    const held = new Set(previous.Ports.map((port) => port.Value));
    return {
      cpu: Math.max(0, size.cpu - room.cpu),
      memoryMB: Math.max(0, size.memoryMB - room.memoryMB),
      diskMB: Math.max(0, size.diskMB - room.diskMB),
      ports: ports.filter((port) => !held.has(port)),
    };
  }

  #sizeOf(alloc: Allocation): GroupSize {
    const job = this.#source.jobVersion(alloc.Namespace, alloc.JobID, alloc.JobVersion);
    return job ? groupSize(job, alloc.TaskGroup) : NO_SIZE;
  }

  #add(alloc: Allocation, charge: Charge | undefined, sign: 1 | -1): void {
    const totals = this.#totals(alloc.NodeID);
    const size = charge ?? this.#sizeOf(alloc);
    totals.cpu += sign * size.cpu;
    totals.memoryMB += sign * size.memoryMB;
    totals.diskMB += sign * size.diskMB;
    const ports = charge ? charge.ports : alloc.Ports.length === 0 ? NO_PORTS : alloc.Ports.map((port) => port.Value);
    for (const port of ports) {
      if (sign === 1) holdPort(totals, port);
      else freePort(totals, port);
    }
    countJob(totals, jobKey(alloc.Namespace, alloc.JobID), sign);
    if (totals.allocsByJob.size === 0) this.#nodes.delete(alloc.NodeID);
  }

  #totals(nodeId: string): NodeTotals {
    let totals = this.#nodes.get(nodeId);
    if (!totals) {
      totals = new NodeTotals();
      this.#nodes.set(nodeId, totals);
    }
    return totals;
  }
}

function holdPort(totals: NodeTotals, port: number): void {
  if (totals.ports.has(port)) totals.extraHolders.set(port, (totals.extraHolders.get(port) ?? 0) + 1);
  else totals.ports.add(port);
}

function freePort(totals: NodeTotals, port: number): void {
  const extra = totals.extraHolders.get(port);
  if (extra === undefined) totals.ports.delete(port);
  else if (extra === 1) totals.extraHolders.delete(port);
  else totals.extraHolders.set(port, extra - 1);
}

function countJob(totals: NodeTotals, key: string, sign: 1 | -1): void {
  const count = (totals.allocsByJob.get(key) ?? 0) + sign;
  if (count === 0) totals.allocsByJob.delete(key);
  else totals.allocsByJob.set(key, count);
}
