/**
 * Finds nodes for the instances of one group at one version: feasibility, room, rank, over a sample of nodes.
 *
 * What was learnt from measuring (5,000 nodes): a placement is cheap only if looking at a node again is. So verdicts
 * end in the order of candidates, scores are kept until the plan changes the node, and objects (the metric, the row) are
 * made once the choice is made.
 */
import type { Random } from '../../lib/random.ts';
import { type Allocation, type AllocMetric, isClientTerminal, type ScoreMeta } from '../../model/allocation.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import type { AllocatedPort } from '../../model/network.ts';
import { isSchedulable, type Node } from '../../model/node.ts';
import { compileChecker, type FeasibilityChecker } from '../feasible/checker.ts';
import { compileDatacenters } from '../feasible/datacenters.ts';
import { compileDistinct, type DistinctRule } from '../feasible/distinct.ts';
import { compileAffinities } from '../rank/affinity.ts';
import { fitScore, type PackingAlgorithm } from '../rank/fit-score.ts';
import { compileSpreads, type SpreadScore } from '../rank/spread.ts';
import { type Ask, askOf } from './ask.ts';
import { Candidates, sampleSize } from './candidates.ts';
import type { NodeTable } from './node-table.ts';
import { assignPorts, DYNAMIC_PORTS_EXHAUSTED, hostAddress, staticCollision } from './ports.ts';
import { Tally } from './tally.ts';

export interface Found {
  readonly node: Node;
  readonly ports: AllocatedPort[];
  readonly metric: AllocMetric;
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

/** How many of the nodes looked at are named in the metric. */
const NAMED = 5;
const NEVER = -1;

export class GroupPlacer {
  readonly checker: FeasibilityChecker;
  readonly ask: Ask;
  readonly #options: GroupPlacerOptions;
  readonly #candidates: Candidates;
  readonly #available: Readonly<Record<string, number>>;
  readonly #sample: number;
  readonly #distinct: readonly DistinctRule[];
  readonly #affinity: ((node: Node) => number) | undefined;
  readonly #spread: SpreadScore | undefined;
  #tally = new Tally();
  /** By node: the score that depends on the node's room and likes only, and the table's stamp when it was made. */
  readonly #score: Float64Array;
  readonly #scored: Int32Array;
  readonly #terms: Uint8Array;
  /** The best of the sample at hand, best first. */
  readonly #topNode = new Int32Array(NAMED);
  readonly #topScore = new Float64Array(NAMED);
  #topSize = 0;

  constructor(options: GroupPlacerOptions) {
    const { job, group, table, present } = options;
    this.#options = options;
    this.checker = compileChecker(job, group);
    this.ask = askOf(group);
    const { numbers, available } = eligibleNodes(job, table.nodes);
    this.#available = available;
    this.#candidates = new Candidates(numbers, options.random);
    this.#distinct = compileDistinct(job, group, present, (id) => this.#nodeById(id));
    this.#affinity = compileAffinities(job, group);
    this.#spread = compileSpreads(job, group, table.nodes);
    this.#sample = sampleSize(numbers.length, this.#spread !== undefined || this.#affinity !== undefined);
    this.#score = new Float64Array(table.nodes.length);
    this.#scored = new Int32Array(table.nodes.length).fill(NEVER);
    this.#terms = new Uint8Array(table.nodes.length);
    this.#countPresent(present);
  }

  /** The best of a sample of the nodes that fit; undefined where none does (`failure` says why). */
  place(avoidNodes: readonly string[], successorOf: Allocation | undefined): Found | undefined {
    if (successorOf && this.#distinct.length > 0) {
      const stay = this.#placeBeside(successorOf);
      if (stay) return stay;
    }
    for (;;) {
      const looked = this.#lookAround(avoidNodes);
      if (looked === 0) return undefined;
      const number = this.#topNode[0]!;
      const ports = this.#ports(number);
      if (ports) return this.#found(number, ports, looked, avoidNodes);
      this.#dropExhausted(number);
    }
  }

  /** On the predecessor's own node, in the very room that it leaves. */
  placeInRoomOf(previous: Allocation, room: Ask | undefined): Found | undefined {
    const { table, random } = this.#options;
    const number = table.numberOf(previous.NodeID);
    if (number === undefined || !this.#isEligible(number)) return undefined;
    const node = table.nodes[number]!;
    if (this.checker.judge(node) !== undefined || this.#judgeDistinct(node, previous) !== undefined) return undefined;
    table.load(number);
    const freed = room && !isClientTerminal(previous) ? room : NO_ROOM;
    if (!this.#fitsBeyond(number, freed)) return undefined;
    const own = new Set(previous.Ports.map((port) => port.Value));
    const isTaken = (port: number) => table.isKept(number, port) || (table.isHeld(number, port) && !own.has(port));
    if (staticCollision(this.ask.ports, isTaken) !== '') return undefined;
    const ports = assignPorts(this.ask.ports, isTaken, hostAddress(node), random);
    if (!ports) return undefined;
    table.take(number, beyond(this.ask, freed), ports);
    this.#spread?.count(number);
    return { node, ports, metric: { ...new Tally().metric(this.#available), NodesEvaluated: 1 } };
  }

  failure(): AllocMetric {
    return this.#tally.metric(this.#available);
  }

  /** An instance of the job came to (1) or left (-1) a node. */
  count(nodeId: string, group: string, change: 1 | -1): void {
    if (this.#distinct.length === 0) return;
    const node = this.#nodeById(nodeId);
    if (!node) return;
    for (const rule of this.#distinct) rule.count(node, group, change);
    if (change === 1) return;
    this.#candidates.revive();
    this.#tally = new Tally();
  }

  /** Whether what runs there could be placed there now, room aside. */
  fits(alloc: Allocation): boolean {
    const number = this.#options.table.numberOf(alloc.NodeID);
    if (number === undefined) return false;
    const node = this.#options.table.nodes[number]!;
    return (
      compileDatacenters(this.#options.job.Datacenters)(node.Datacenter) &&
      this.checker.judge(node) === undefined &&
      this.#judgeDistinct(node, alloc) === undefined
    );
  }

  #countPresent(present: readonly Allocation[]): void {
    if (!this.#spread) return;
    for (const alloc of present) {
      const number =
        alloc.TaskGroup === this.#options.group.Name ? this.#options.table.numberOf(alloc.NodeID) : undefined;
      if (number !== undefined) this.#spread.count(number);
    }
  }

  #nodeById(id: string): Node | undefined {
    const number = this.#options.table.numberOf(id);
    return number === undefined ? undefined : this.#options.table.nodes[number];
  }

  #isEligible(number: number): boolean {
    const node = this.#options.table.nodes[number]!;
    return isSchedulable(node) && compileDatacenters(this.#options.job.Datacenters)(node.Datacenter);
  }

  /** Distinct hosts and the like: a successor may stand beside its predecessor, where others may not. */
  #placeBeside(previous: Allocation): Found | undefined {
    const { table } = this.#options;
    const number = table.numberOf(previous.NodeID);
    if (number === undefined || !this.#isEligible(number)) return undefined;
    const node = table.nodes[number]!;
    if (this.checker.judge(node) !== undefined || this.#judgeDistinct(node, previous) !== undefined) return undefined;
    if (this.#shortage(number) !== '') return undefined;
    const ports = this.#ports(number);
    this.#topSize = 0;
    this.#offer(number, this.#rank(number));
    return ports && this.#found(number, ports, 1, []);
  }

  #judgeDistinct(node: Node, except: Allocation | undefined): string | undefined {
    for (const rule of this.#distinct) {
      const reason = rule.judge(node, except);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Fills the list of the best with the next nodes that fit, and says how many did. */
  #lookAround(avoidNodes: readonly string[]): number {
    const candidates = this.#candidates;
    this.#topSize = 0;
    let looked = 0;
    while (looked < this.#sample && looked < candidates.live) {
      const number = candidates.peek();
      if (this.#isOut(number)) {
        candidates.drop();
        continue;
      }
      candidates.keep();
      looked++;
      const rank = this.#rank(number);
      this.#offer(number, avoidNodes.length === 0 ? rank : this.#penalized(number, rank, avoidNodes));
    }
    return looked;
  }

  /** Judged again only when the plan has changed the node since. */
  #isOut(number: number): boolean {
    const { table } = this.#options;
    if (this.#scored[number] === NEVER) {
      const reason = this.checker.judge(table.nodes[number]!);
      if (reason !== undefined) return this.#filterOut(number, reason);
      table.load(number);
    }
    if (this.#distinct.length > 0) {
      const reason = this.#judgeDistinct(table.nodes[number]!, undefined);
      if (reason !== undefined) return this.#filterOut(number, reason);
    }
    if (this.#scored[number] === table.stamp[number]) return false;
    const dimension = this.#shortage(number);
    if (dimension !== '') {
      this.#tally.exhaust(table.nodes[number]!, dimension);
      return true;
    }
    this.#scoreNode(number);
    return false;
  }

  #filterOut(number: number, reason: string): true {
    this.#tally.filter(this.#options.table.nodes[number]!, reason);
    return true;
  }

  #dropExhausted(number: number): void {
    this.#tally.exhaust(this.#options.table.nodes[number]!, DYNAMIC_PORTS_EXHAUSTED);
    while (this.#candidates.peek() !== number) this.#candidates.keep();
    this.#candidates.drop();
  }

  /** The first dimension that the node has too little of; "" where it fits. */
  #shortage(number: number): string {
    const { table } = this.#options;
    table.load(number);
    if (table.cpuFree[number]! < this.ask.cpu) return 'cpu';
    if (table.memoryFree[number]! < this.ask.memoryMB) return 'memory';
    if (table.diskFree[number]! < this.ask.diskMB) return 'disk';
    return this.ask.ports.length === 0 ? '' : staticCollision(this.ask.ports, (port) => table.isTaken(number, port));
  }

  #fitsBeyond(number: number, freed: Pick<Ask, 'cpu' | 'memoryMB' | 'diskMB'>): boolean {
    const { table } = this.#options;
    return (
      table.cpuFree[number]! + freed.cpu >= this.ask.cpu &&
      table.memoryFree[number]! + freed.memoryMB >= this.ask.memoryMB &&
      table.diskFree[number]! + freed.diskMB >= this.ask.diskMB
    );
  }

  #ports(number: number): AllocatedPort[] | undefined {
    const { table, random } = this.#options;
    if (this.ask.ports.length === 0) return [];
    return assignPorts(
      this.ask.ports,
      (port) => table.isTaken(number, port),
      hostAddress(table.nodes[number]!),
      random,
    );
  }

  #scoreNode(number: number): void {
    const { table } = this.#options;
    const affinity = this.#affinity?.(table.nodes[number]!) ?? 0;
    const crowding = this.#crowding(number);
    this.#score[number] = this.#fit(number) + crowding + affinity;
    this.#terms[number] = 1 + Number(crowding !== 0) + Number(affinity !== 0);
    this.#scored[number] = table.stamp[number]!;
  }

  #fit(number: number): number {
    const { table, algorithm } = this.#options;
    const freeCpu = (table.cpuFree[number]! - this.ask.cpu) / (table.cpuAll[number]! || 1);
    const freeMemory = (table.memoryFree[number]! - this.ask.memoryMB) / (table.memoryAll[number]! || 1);
    return fitScore(freeCpu, freeMemory, algorithm);
  }

  /** Instances of one job rather not share a node: worse with each that is there already. */
  #crowding(number: number): number {
    const there = this.#options.table.ofJob[number]!;
    return there === 0 ? 0 : -(there + 1) / Math.max(this.#options.group.Count, there + 1);
  }

  /** The mean of the scores that apply, as the wire has it. */
  #rank(number: number): number {
    if (this.#scored[number] !== this.#options.table.stamp[number]) this.#scoreNode(number);
    const spread = this.#spread?.score(number) ?? 0;
    return (this.#score[number]! + spread) / (this.#terms[number]! + (spread === 0 ? 0 : 1));
  }

  #penalized(number: number, rank: number, avoidNodes: readonly string[]): number {
    if (!avoidNodes.includes(this.#options.table.nodes[number]!.ID)) return rank;
    const terms = this.#termsOf(number);
    return (rank * terms - 1) / (terms + 1);
  }

  #termsOf(number: number): number {
    return this.#terms[number]! + ((this.#spread?.score(number) ?? 0) === 0 ? 0 : 1);
  }

  #offer(number: number, rank: number): void {
    let at = this.#topSize;
    if (at === NAMED) {
      if (rank <= this.#topScore[NAMED - 1]!) return;
      at--;
    } else this.#topSize++;
    while (at > 0 && this.#topScore[at - 1]! < rank) {
      this.#topScore[at] = this.#topScore[at - 1]!;
      this.#topNode[at] = this.#topNode[at - 1]!;
      at--;
    }
    this.#topScore[at] = rank;
    this.#topNode[at] = number;
  }

  #found(number: number, ports: AllocatedPort[], looked: number, avoidNodes: readonly string[]): Found {
    const { table } = this.#options;
    const metric = this.#metric(looked, avoidNodes);
    table.take(number, this.ask, ports);
    this.#spread?.count(number);
    return { node: table.nodes[number]!, ports, metric };
  }

  #metric(looked: number, avoidNodes: readonly string[]): AllocMetric {
    return {
      NodesEvaluated: looked,
      NodesFiltered: 0,
      NodesAvailable: this.#available,
      ClassFiltered: null,
      ConstraintFiltered: null,
      NodesExhausted: 0,
      ClassExhausted: null,
      DimensionExhausted: null,
      QuotaExhausted: null,
      ResourcesExhausted: null,
      Scores: null,
      ScoreMetaData: this.#named(avoidNodes),
      AllocationTime: 0,
      CoalescedFailures: 0,
    };
  }

  #named(avoidNodes: readonly string[]): ScoreMeta[] {
    const named: ScoreMeta[] = [];
    for (let at = 0; at < this.#topSize; at++)
      named.push(this.#meta(this.#topNode[at]!, this.#topScore[at]!, avoidNodes));
    return named;
  }

  #meta(number: number, rank: number, avoidNodes: readonly string[]): ScoreMeta {
    const node = this.#options.table.nodes[number]!;
    const affinity = this.#affinity?.(node) ?? 0;
    const crowding = this.#crowding(number);
    const Scores: Record<string, number> = {
      [this.#options.algorithm]: this.#score[number]! - affinity - crowding,
      'job-anti-affinity': crowding,
      'node-reschedule-penalty': avoidNodes.includes(node.ID) ? -1 : 0,
      'node-affinity': affinity,
    };
    if (this.#spread) Scores['allocation-spread'] = this.#spread.score(number);
    return { NodeID: node.ID, Scores, NormScore: rank };
  }
}

const NO_ROOM = { cpu: 0, memoryMB: 0, diskMB: 0 };

/** What an ask takes that the room it moves into does not already hold. */
function beyond(ask: Ask, room: Pick<Ask, 'cpu' | 'memoryMB' | 'diskMB'>): Pick<Ask, 'cpu' | 'memoryMB' | 'diskMB'> {
  return {
    cpu: Math.max(0, ask.cpu - room.cpu),
    memoryMB: Math.max(0, ask.memoryMB - room.memoryMB),
    diskMB: Math.max(0, ask.diskMB - room.diskMB),
  };
}

/** Nodes that take new work in the job's datacenters, and how many there are in each. */
function eligibleNodes(job: Job, nodes: readonly Node[]): { numbers: number[]; available: Record<string, number> } {
  const isWanted = compileDatacenters(job.Datacenters);
  const available = new Map(job.Datacenters.filter((name) => !name.includes('*')).map((name) => [name, 0]));
  const wanted = new Map<string, boolean>();
  const numbers: number[] = [];
  nodes.forEach((node, number) => {
    if (!wanted.has(node.Datacenter)) wanted.set(node.Datacenter, isWanted(node.Datacenter));
    if (!wanted.get(node.Datacenter) || !isSchedulable(node)) return;
    numbers.push(number);
    available.set(node.Datacenter, (available.get(node.Datacenter) ?? 0) + 1);
  });
  return { numbers, available: Object.fromEntries(available) };
}
