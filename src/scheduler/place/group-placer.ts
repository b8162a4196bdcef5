/**
 * Finds nodes for the instances of one group at one version: feasibility, room, rank, over a sample of nodes.
 *
 * What was learnt from measuring (5,000 nodes): a placement is cheap only if looking at a node again is. So verdicts
 * end in the order of candidates, scores are kept until the plan changes the node, and objects (the metric, the row) are
 * made once the choice is made.
 */
import type { Random } from '../../lib/random.ts';
import { type Allocation, type AllocMetric, isClientTerminal } from '../../model/allocation.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import type { AllocatedPort } from '../../model/network.ts';
import { isSchedulable, type Node } from '../../model/node.ts';
import { compileChecker, type FeasibilityChecker, type Verdict } from '../feasible/checker.ts';
import { compileDatacenters } from '../feasible/datacenters.ts';
import { compileDistinct, type DistinctRule } from '../feasible/distinct.ts';
import type { PackingAlgorithm } from '../rank/fit-score.ts';
import { NodeRank } from '../rank/node-rank.ts';
import { type Ask, askOf, beyond, NO_ROOM } from './ask.ts';
import { BestOf } from './best-of.ts';
import { Candidates, sampleSize } from './candidates.ts';
import { emptyMetric, placedMetric } from './metric.ts';
import type { NodeTable } from './node-table.ts';
import { assignPorts, DYNAMIC_PORTS_EXHAUSTED, staticCollision } from './ports.ts';
import { Tally } from './tally.ts';

export interface Found {
  readonly node: Node;
  readonly ports: AllocatedPort[];
  readonly metric: AllocMetric | undefined;
}

export interface GroupPlacerOptions {
  readonly job: Job;
  readonly group: TaskGroup;
  readonly table: NodeTable;
  readonly random: Random;
  readonly algorithm: PackingAlgorithm;
  /** Instances of the job that stay: what distinct_hosts, distinct_property and spreads count. */
  readonly present: readonly Allocation[];
}

const NONE: ReadonlySet<number> = new Set();
/** How many of the nodes looked at are named in the metric. */
const NAMED = 5;
/**
 * So many instances of a group say in each evaluation why they went where they did. The accounts of thousands tell
 * nothing more, and were two thirds of what a large plan costs in time, memory and store (docs/adr/0021).
 */
export const EXPLAINED = 100;

export class GroupPlacer {
  readonly checker: FeasibilityChecker;
  readonly #ask: Ask;
  readonly #table: NodeTable;
  readonly #random: Random;
  readonly #isWanted: (datacenter: string) => boolean;
  readonly #candidates: Candidates;
  readonly #available: Readonly<Record<string, number>>;
  readonly #sample: number;
  readonly #distinct: readonly DistinctRule[];
  readonly #rank: NodeRank;
  readonly #best = new BestOf(NAMED);
  #tally = new Tally();
  #explained = 0;

  constructor({ job, group, table, random, algorithm, present }: GroupPlacerOptions) {
    this.checker = compileChecker(job, group);
    this.#ask = askOf(group);
    this.#table = table;
    this.#random = random;
    this.#isWanted = compileDatacenters(job.Datacenters);
    const { numbers, available } = eligibleNodes(job, table.nodes, this.#isWanted);
    this.#available = available;
    this.#candidates = new Candidates(numbers, random);
    this.#distinct = compileDistinct(job, group, present, (id) => this.#nodeById(id));
    this.#rank = new NodeRank({ job, group, room: table, ask: this.#ask, algorithm });
    this.#sample = sampleSize(numbers.length, this.#rank.isPicky);
    if (this.#rank.hasSpread) this.#countPresent(present, group.Name);
  }

  /**
   * The best of a sample of the nodes that fit; undefined where none does (`failure` says why). Those to avoid are taken
   * where no other fits.
   */
  place(avoidNodes: readonly string[], successorOf: Allocation | undefined): Found | undefined {
    const beside = successorOf && this.#distinct.length > 0 ? this.#placeBeside(successorOf) : undefined;
    if (beside) return beside;
    const elsewhere = avoidNodes.length > 0 ? this.#placeAmong(this.#numbersOf(avoidNodes), avoidNodes) : undefined;
    return elsewhere ?? this.#placeAmong(NONE, avoidNodes);
  }

  #placeAmong(barred: ReadonlySet<number>, avoidNodes: readonly string[]): Found | undefined {
    for (let looked = this.#lookAround(barred, avoidNodes); looked > 0; looked = this.#lookAround(barred, avoidNodes)) {
      const found = this.#take(this.#best.number(0), looked, avoidNodes);
      if (found) return found;
      this.#dropPortless(this.#best.number(0));
    }
    return undefined;
  }

  /** On the predecessor's own node, in the very room that it leaves. */
  placeInRoomOf(previous: Allocation, room: Ask | undefined): Found | undefined {
    const number = this.#suitable(previous);
    if (number === undefined) return undefined;
    const node = this.#table.nodes[number]!;
    const freed = room && !isClientTerminal(previous) ? room : NO_ROOM;
    const rest = beyond(this.#ask, freed);
    if (this.#lacks(number, rest) !== '') return undefined;
    const own = new Set(previous.Ports.map((port) => port.Value));
    const isTaken = (port: number) =>
      this.#table.isKept(number, port) || (this.#table.isHeld(number, port) && !own.has(port));
    if (staticCollision(this.#ask.ports, isTaken) !== '') return undefined;
    const ports = assignPorts(this.#ask.ports, isTaken, node, this.#random);
    if (!ports) return undefined;
    this.#table.take(number, rest, ports);
    this.#rank.count(number);
    return { node, ports, metric: { ...emptyMetric(this.#available), NodesEvaluated: 1 } };
  }

  failure(): AllocMetric {
    return this.#tally.metric(this.#available);
  }

  /** An instance of the job came to (1) or left (-1) a node. */
  count(nodeId: string, group: string, change: 1 | -1): void {
    const node = this.#distinct.length > 0 ? this.#nodeById(nodeId) : undefined;
    if (!node) return;
    for (const rule of this.#distinct) rule.count(node, group, change);
    if (change === 1) return;
    this.#candidates.revive();
    this.#tally = new Tally();
  }

  /** Whether what runs there could be placed there now, room aside. */
  fits(alloc: Allocation): boolean {
    const node = this.#nodeById(alloc.NodeID);
    return node !== undefined && this.#isWanted(node.Datacenter) && this.#judge(node, alloc) === undefined;
  }

  #countPresent(present: readonly Allocation[], group: string): void {
    for (const alloc of present) {
      const number = alloc.TaskGroup === group ? this.#table.numberOf(alloc.NodeID) : undefined;
      if (number !== undefined) this.#rank.count(number);
    }
  }

  #nodeById(id: string): Node | undefined {
    const number = this.#table.numberOf(id);
    return number === undefined ? undefined : this.#table.nodes[number];
  }

  /** The node of an instance, where its successor may stand as well; undefined where it may not. */
  #suitable(previous: Allocation): number | undefined {
    const number = this.#table.numberOf(previous.NodeID);
    if (number === undefined) return undefined;
    const node = this.#table.nodes[number]!;
    if (!isSchedulable(node) || !this.#isWanted(node.Datacenter)) return undefined;
    return this.#judge(node, previous) === undefined ? number : undefined;
  }

  #judge(node: Node, except: Allocation | undefined): Verdict {
    return this.checker.judge(node) ?? this.#judgeDistinct(node, except);
  }

  #judgeDistinct(node: Node, except: Allocation | undefined): Verdict {
    for (const rule of this.#distinct) {
      const reason = rule.judge(node, except);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Distinct hosts and the like: a successor may stand beside its predecessor, where others may not. */
  #placeBeside(previous: Allocation): Found | undefined {
    const number = this.#suitable(previous);
    if (number === undefined || this.#shortage(number) !== '') return undefined;
    this.#best.clear();
    this.#best.offer(number, this.#rank.rank(number, []));
    return this.#take(number, 1, []);
  }

  #numbersOf(nodeIds: readonly string[]): ReadonlySet<number> {
    return new Set(nodeIds.map((id) => this.#table.numberOf(id)).filter((number) => number !== undefined));
  }

  /** Fills the list of the best with the next nodes that fit, and says how many did. */
  #lookAround(barred: ReadonlySet<number>, avoidNodes: readonly string[]): number {
    const candidates = this.#candidates;
    this.#best.clear();
    let looked = 0;
    // A round, and another where it found nobody: a node that drops out on the way changes places with one already seen.
    let passed = 0;
    while (looked < this.#sample && looked + passed < candidates.live * (passed > 0 && looked === 0 ? 2 : 1)) {
      const number = candidates.peek();
      if (barred.has(number)) {
        candidates.keep();
        passed++;
        continue;
      }
      if (this.#isOut(number)) {
        candidates.drop();
        continue;
      }
      candidates.keep();
      looked++;
      this.#best.offer(number, this.#rank.rank(number, avoidNodes));
    }
    return looked;
  }

  /** Judged again only when the plan has changed the node since. */
  #isOut(number: number): boolean {
    const node = this.#table.nodes[number]!;
    const reason = this.#rank.wasRanked(number) ? undefined : this.checker.judge(node);
    const verdict = reason ?? (this.#distinct.length > 0 ? this.#judgeDistinct(node, undefined) : undefined);
    if (verdict !== undefined) this.#tally.filter(node, verdict);
    if (verdict !== undefined || this.#rank.isCurrent(number)) return verdict !== undefined;
    const dimension = this.#shortage(number);
    if (dimension !== '') this.#tally.exhaust(node, dimension);
    return dimension !== '';
  }

  #dropPortless(number: number): void {
    this.#tally.exhaust(this.#table.nodes[number]!, DYNAMIC_PORTS_EXHAUSTED);
    while (this.#candidates.peek() !== number) this.#candidates.keep();
    this.#candidates.drop();
  }

  /** The first dimension that the node has too little of; "" where it fits. */
  #shortage(number: number): string {
    const lacking = this.#lacks(number, this.#ask);
    if (lacking !== '' || this.#ask.ports.length === 0) return lacking;
    return staticCollision(this.#ask.ports, (port) => this.#table.isTaken(number, port));
  }

  #lacks(number: number, ask: Pick<Ask, 'cpu' | 'memoryMB' | 'diskMB'>): '' | 'cpu' | 'memory' | 'disk' {
    const table = this.#table;
    table.load(number);
    if (table.cpuFree[number]! < ask.cpu) return 'cpu';
    if (table.memoryFree[number]! < ask.memoryMB) return 'memory';
    return table.diskFree[number]! < ask.diskMB ? 'disk' : '';
  }

  #take(number: number, looked: number, avoidNodes: readonly string[]): Found | undefined {
    const node = this.#table.nodes[number]!;
    const ports = this.#ports(number, node);
    if (!ports) return undefined;
    const metric = this.#explained++ < EXPLAINED ? this.#account(looked, avoidNodes) : undefined;
    this.#table.take(number, this.#ask, ports);
    this.#rank.count(number);
    return { node, ports, metric };
  }

  #account(looked: number, avoidNodes: readonly string[]): AllocMetric {
    const choice = { best: this.#best, rank: this.#rank, nodeId: this.#nodeId, avoidNodes };
    return placedMetric(this.#available, looked, choice);
  }

  readonly #nodeId = (number: number): string => this.#table.nodes[number]!.ID;

  #ports(number: number, node: Node): AllocatedPort[] | undefined {
    if (this.#ask.ports.length === 0) return [];
    return assignPorts(this.#ask.ports, (port) => this.#table.isTaken(number, port), node, this.#random);
  }
}

/** Nodes that take new work in the job's datacenters, and how many there are in each. */
function eligibleNodes(
  job: Job,
  nodes: readonly Node[],
  isWanted: (datacenter: string) => boolean,
): { numbers: number[]; available: Record<string, number> } {
  const available = new Map(job.Datacenters.filter((name) => !name.includes('*')).map((name) => [name, 0]));
  const wanted = new Map<string, boolean>();
  const numbers: number[] = [];
  nodes.forEach((node, number) => {
    let isHere = wanted.get(node.Datacenter);
    if (isHere === undefined) {
      isHere = isWanted(node.Datacenter);
      wanted.set(node.Datacenter, isHere);
    }
    if (!isHere || !isSchedulable(node)) return;
    numbers.push(number);
    available.set(node.Datacenter, (available.get(node.Datacenter) ?? 0) + 1);
  });
  return { numbers, available: Object.fromEntries(available) };
}
