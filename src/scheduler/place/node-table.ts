/**
 * The room of every node as this plan sees it: what the state says is used, plus what the plan has given away.
 *
 * Read lazily and kept in typed arrays by node number: a placement looks at a dozen of thousands of nodes, and reading
 * the usage of all of them would cost more than placing. Room only shrinks within a plan (an allocation holds its
 * resources until its client status is terminal), so "does not fit" never has to be asked twice.
 */
import type { AllocatedPort } from '../../model/network.ts';
import type { Node } from '../../model/node.ts';
import type { ClusterView, NodeUsage } from '../types.ts';
import type { Ask } from './ask.ts';
import { reservedPorts } from './ports.ts';

export class NodeTable {
  readonly nodes: readonly Node[];
  readonly cpuFree: Float64Array;
  readonly memoryFree: Float64Array;
  readonly diskFree: Float64Array;
  readonly cpuAll: Float64Array;
  readonly memoryAll: Float64Array;
  /** Allocations of the job on the node, this plan's included. */
  readonly ofJob: Int32Array;
  /** Moves whenever the plan changes the node: what was computed from it is stale. */
  readonly stamp: Int32Array;
  readonly #cluster: ClusterView;
  readonly #jobKey: string;
  readonly #usage: (NodeUsage | undefined)[];
  readonly #given = new Map<number, Set<number>>();
  #numbers: Map<string, number> | undefined;

  constructor(cluster: ClusterView, jobKey: string) {
    this.#cluster = cluster;
    this.#jobKey = jobKey;
    this.nodes = cluster.nodes();
    const size = this.nodes.length;
    this.cpuFree = new Float64Array(size);
    this.memoryFree = new Float64Array(size);
    this.diskFree = new Float64Array(size);
    this.cpuAll = new Float64Array(size);
    this.memoryAll = new Float64Array(size);
    this.ofJob = new Int32Array(size);
    this.stamp = new Int32Array(size);
    this.#usage = new Array(size).fill(undefined);
  }

  /** The node's number; undefined where it is gone. */
  numberOf(nodeId: string): number | undefined {
    this.#numbers ??= new Map(this.nodes.map((node, number) => [node.ID, number]));
    return this.#numbers.get(nodeId);
  }

  load(number: number): NodeUsage {
    return this.#usage[number] ?? this.#read(number);
  }

  #read(number: number): NodeUsage {
    const { ID, NodeResources: all, ReservedResources: reserved } = this.nodes[number]!;
    const usage = this.#cluster.usage(ID);
    this.#usage[number] = usage;
    this.cpuAll[number] = all.Cpu.CpuShares - reserved.Cpu.CpuShares;
    this.memoryAll[number] = all.Memory.MemoryMB - reserved.Memory.MemoryMB;
    this.cpuFree[number] = this.cpuAll[number]! - usage.cpu;
    this.memoryFree[number] = this.memoryAll[number]! - usage.memoryMB;
    this.diskFree[number] = all.Disk.DiskMB - reserved.Disk.DiskMB - usage.diskMB;
    this.ofJob[number] = usage.allocsByJob.get(this.#jobKey) ?? 0;
    return usage;
  }

  /** Held by an allocation, given by this plan, or kept by the node for itself. */
  isTaken(number: number, port: number): boolean {
    return this.isHeld(number, port) || this.isKept(number, port);
  }

  isHeld(number: number, port: number): boolean {
    return this.load(number).ports.has(port);
  }

  isKept(number: number, port: number): boolean {
    return this.#given.get(number)?.has(port) === true || reservedPorts(this.nodes[number]!).has(port);
  }

  /** The plan gives room away. */
  take(number: number, ask: Pick<Ask, 'cpu' | 'memoryMB' | 'diskMB'>, ports: readonly AllocatedPort[]): void {
    this.load(number);
    this.cpuFree[number]! -= ask.cpu;
    this.memoryFree[number]! -= ask.memoryMB;
    this.diskFree[number]! -= ask.diskMB;
    this.ofJob[number]!++;
    this.stamp[number]!++;
    if (ports.length === 0) return;
    const given = this.#given.get(number) ?? new Set<number>();
    this.#given.set(number, given);
    for (const port of ports) given.add(port.Value);
  }
}
