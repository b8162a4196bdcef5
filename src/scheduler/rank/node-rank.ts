/**
 * How good a node is for one more instance of a group: the mean of the scores that apply, as the wire has it.
 *
 * What depends on the node's room is kept until the plan changes the node, so that looking at it again costs a few array
 * reads; the spread moves with every placement and is added each time.
 */
import type { Job, TaskGroup } from '../../model/job.ts';
import type { Node } from '../../model/node.ts';
import { compileAffinities } from './affinity.ts';
import { fitScore, type PackingAlgorithm } from './fit-score.ts';
import { compileSpreads, type SpreadScore } from './spread.ts';

/** What the ranking needs to know of the nodes, by number. */
export interface RoomView {
  readonly nodes: readonly Node[];
  readonly cpuFree: Float64Array;
  readonly memoryFree: Float64Array;
  readonly cpuAll: Float64Array;
  readonly memoryAll: Float64Array;
  /** Instances of the job on the node. */
  readonly ofJob: Int32Array;
  /** Moves with every change of the node. */
  readonly stamp: Int32Array;
}

export interface RankOptions {
  readonly job: Job;
  readonly group: TaskGroup;
  readonly room: RoomView;
  readonly ask: { readonly cpu: number; readonly memoryMB: number };
  readonly algorithm: PackingAlgorithm;
}

const NEVER = -1;
/** An instance failed there: taken where no other node fits, and this tells it. */
const PENALTY = -1;

export class NodeRank {
  readonly #options: RankOptions;
  readonly #affinity: ((node: Node) => number) | undefined;
  readonly #spread: SpreadScore | undefined;
  /** By node: the sum of the scores but the spread's, how many they are, and the stamp that they were made at. */
  readonly #sum: Float64Array;
  readonly #terms: Uint8Array;
  readonly #madeAt: Int32Array;

  constructor(options: RankOptions) {
    const { job, group, room } = options;
    this.#options = options;
    this.#affinity = compileAffinities(job, group);
    this.#spread = compileSpreads(job, group, room.nodes);
    this.#sum = new Float64Array(room.nodes.length);
    this.#terms = new Uint8Array(room.nodes.length);
    this.#madeAt = new Int32Array(room.nodes.length).fill(NEVER);
  }

  /** Good nodes are rare: more have to be looked at. */
  get isPicky(): boolean {
    return this.#spread !== undefined || this.#affinity !== undefined;
  }

  get hasSpread(): boolean {
    return this.#spread !== undefined;
  }

  wasRanked(number: number): boolean {
    return this.#madeAt[number] !== NEVER;
  }

  isCurrent(number: number): boolean {
    return this.#madeAt[number] === this.#options.room.stamp[number];
  }

  /** An instance of the group is on the node. */
  count(number: number): void {
    this.#spread?.count(number);
  }

  rank(number: number, avoidNodes: readonly string[]): number {
    if (!this.isCurrent(number)) this.#make(number);
    const spread = this.#spread?.score(number) ?? 0;
    const sum = this.#sum[number]! + spread;
    const terms = this.#terms[number]! + (spread === 0 ? 0 : 1);
    if (avoidNodes.length === 0 || !this.#isAvoided(number, avoidNodes)) return sum / terms;
    return (sum + PENALTY) / (terms + 1);
  }

  /** The scores by name, as the wire tells them. */
  explain(number: number, avoidNodes: readonly string[]): Record<string, number> {
    const affinity = this.#likes(number);
    const crowding = this.#crowding(number);
    const scores: Record<string, number> = {
      [this.#options.algorithm]: this.#fit(number),
      'job-anti-affinity': crowding,
      'node-reschedule-penalty': this.#isAvoided(number, avoidNodes) ? PENALTY : 0,
      'node-affinity': affinity,
    };
    if (this.#spread) scores['allocation-spread'] = this.#spread.score(number);
    return scores;
  }

  #make(number: number): void {
    const affinity = this.#likes(number);
    const crowding = this.#crowding(number);
    this.#sum[number] = this.#fit(number) + crowding + affinity;
    this.#terms[number] = 1 + Number(crowding !== 0) + Number(affinity !== 0);
    this.#madeAt[number] = this.#options.room.stamp[number]!;
  }

  #fit(number: number): number {
    const { room, ask, algorithm } = this.#options;
    const freeCpu = (room.cpuFree[number]! - ask.cpu) / (room.cpuAll[number]! || 1);
    const freeMemory = (room.memoryFree[number]! - ask.memoryMB) / (room.memoryAll[number]! || 1);
    return fitScore(freeCpu, freeMemory, algorithm);
  }

  /** Instances of one job rather not share a node: worse with each that is there already. */
  #crowding(number: number): number {
    const there = this.#options.room.ofJob[number]!;
    return there === 0 ? 0 : -(there + 1) / Math.max(this.#options.group.Count, there + 1);
  }

  #likes(number: number): number {
    return this.#affinity?.(this.#options.room.nodes[number]!) ?? 0;
  }

  #isAvoided(number: number, avoidNodes: readonly string[]): boolean {
    return avoidNodes.includes(this.#options.room.nodes[number]!.ID);
  }
}
