/**
 * Which instances of a draining node go now: pure, one decision per look, level-triggered. A pool is what shares one
 * disruption budget: a group's instances on all nodes (its canaries are a pool of their own, since they take no part of
 * the group's requests until they are promoted). Two nodes that drain at once, and an update of the group that is under
 * way, take from the same budget: whatever does not serve is missing, whoever took it.
 */
import { type Allocation, allocIndex, isClientTerminal } from '../model/allocation.ts';
import { disruptionRoom } from '../model/disruption.ts';
import { SECOND } from '../model/nanos.ts';
import type { Node } from '../model/node.ts';
import type { MigrateStrategy } from '../model/policies.ts';
import { isLeaving, overdueFromMs, type SeenById, servesFromMs, servesNothing } from './drain-health.ts';

/** After the deadline an instance whose successor is to come first has this long; then it is stopped all the same. */
export const FORCED_GRACE_MS = 5_000;

/** What the wire fills in where a group says nothing. */
export const DEFAULT_MIGRATE: MigrateStrategy = {
  MaxParallel: 1,
  HealthCheck: 'checks',
  MinHealthyTime: 10 * SECOND,
  HealthyDeadline: 300 * SECOND,
};

export interface DrainPool {
  readonly namespace: string;
  readonly jobId: string;
  readonly group: string;
  readonly isBatch: boolean;
  /** Instances that there shall be. */
  readonly count: number;
  readonly migrate: MigrateStrategy;
  /** On whatever node; those that ended and were replaced may be missing. */
  readonly allocs: readonly Allocation[];
}

export interface PoolSituation {
  readonly pool: DrainPool;
  /** By id of each draining node: from when on everything goes; Infinity where there is no deadline. */
  readonly forceFromMs: ReadonlyMap<string, number>;
  readonly seen: SeenById;
  readonly nowMs: number;
}

export interface PoolDecision {
  /** To be marked: the scheduler moves them. */
  readonly marks: readonly Allocation[];
  /** To be stopped without waiting for a successor: the deadline and its grace are over. */
  readonly stops: readonly Allocation[];
  /** To go, and not yet their turn. */
  readonly held: readonly Allocation[];
  /** How many instances the budget counts as serving, and of how many. */
  readonly serving: number;
  /** When to look again although nothing has changed; Infinity: never. */
  readonly wakeAtMs: number;
}

export function decidePool(situation: PoolSituation): PoolDecision {
  const { pool, forceFromMs, nowMs } = situation;
  const here = pool.allocs.filter((alloc) => forceFromMs.has(alloc.NodeID) && isThere(alloc));
  const forced = here.filter((alloc) => isForced(situation, alloc));
  const waiting = here.filter((alloc) => !isLeaving(alloc) && !isForced(situation, alloc));
  const serving = servingCount(situation);
  const chosen = pool.isBatch ? [] : choose(situation, waiting, serving);
  const isChosen = new Set(chosen);
  return {
    marks: [...forced.filter((alloc) => !isLeaving(alloc)), ...chosen],
    stops: forced.filter((alloc) => isLeaving(alloc) && nowMs >= stopFromMs(situation, alloc)),
    held: waiting.filter((alloc) => !isChosen.has(alloc)),
    serving,
    wakeAtMs: nextChangeMs(situation, here),
  };
}

/** Wanted, and its tasks may still run. */
const isThere = (alloc: Allocation): boolean => alloc.DesiredStatus === 'run' && !isClientTerminal(alloc);

const isForced = ({ forceFromMs, nowMs }: PoolSituation, alloc: Allocation): boolean =>
  nowMs >= (forceFromMs.get(alloc.NodeID) ?? Number.POSITIVE_INFINITY);

const stopFromMs = ({ forceFromMs }: PoolSituation, { NodeID }: Allocation): number =>
  (forceFromMs.get(NodeID) ?? Number.POSITIVE_INFINITY) + FORCED_GRACE_MS;

/**
 * What the budget counts on: instances that serve and stay, and those that have not served for healthy_deadline, which
 * hold nobody up any more.
 */
function servingCount(situation: PoolSituation): number {
  const { migrate } = situation.pool;
  const { seen, nowMs } = situation;
  const counts = (alloc: Allocation): boolean =>
    !isLeaving(alloc) &&
    !isReplaced(alloc) &&
    (servesFromMs(alloc, migrate, seen) <= nowMs || overdueFromMs(alloc, migrate, seen, nowMs) <= nowMs);
  return situation.pool.allocs.filter(counts).length;
}

const isReplaced = (alloc: Allocation): boolean => isClientTerminal(alloc) && alloc.NextAllocation !== '';

/** Whoever serves nothing goes at once, since nothing is lost with it; of the others as many as there is room for. */
function choose({ pool }: PoolSituation, waiting: readonly Allocation[], serving: number): Allocation[] {
  const room = disruptionRoom({ count: pool.count, maxParallel: maxParallelOf(pool), serving });
  const free = waiting.filter(servesNothing);
  const others = waiting.filter((alloc) => !servesNothing(alloc));
  return [...free, ...others.sort(byTurn).slice(0, room)];
}

/** max_parallel 0 would drain nothing for ever; the wire lets it stand. */
export const maxParallelOf = ({ migrate }: Pick<DrainPool, 'migrate'>): number => Math.max(1, migrate.MaxParallel);

/** The newest version first: an update that is under way takes the older ones away by itself. */
const byTurn = (a: Allocation, b: Allocation): number =>
  b.JobVersion - a.JobVersion || allocIndex(a.Name) - allocIndex(b.Name) || (a.ID < b.ID ? -1 : 1);

function nextChangeMs(situation: PoolSituation, here: readonly Allocation[]): number {
  const { pool, forceFromMs, seen, nowMs } = situation;
  if (here.length === 0) return Number.POSITIVE_INFINITY;
  const unproven = pool.isBatch ? [] : pool.allocs.filter((alloc) => !isLeaving(alloc) && !isReplaced(alloc));
  const times = [
    ...here.map(({ NodeID }) => forceFromMs.get(NodeID) ?? Number.POSITIVE_INFINITY),
    ...here.map((alloc) => stopFromMs(situation, alloc)),
    ...unproven.map((alloc) => servesFromMs(alloc, pool.migrate, seen)),
    ...unproven.map((alloc) => overdueFromMs(alloc, pool.migrate, seen, nowMs)),
  ];
  return times.reduce((next, atMs) => (atMs > nowMs && atMs < next ? atMs : next), Number.POSITIVE_INFINITY);
}

/** Nothing that must go is left: what ended has ended on the node, too, not only by word of the server. */
export function isDrained(
  node: Pick<Node, 'DrainStrategy'>,
  allocs: readonly Allocation[],
  typeOf: (alloc: Allocation) => string | undefined,
): boolean {
  return allocs.every((alloc) => isClientTerminal(alloc) || !mustGo(node, typeOf(alloc)));
}

/** System jobs may be left where they are. */
export const mustGo = ({ DrainStrategy }: Pick<Node, 'DrainStrategy'>, jobType: string | undefined): boolean =>
  !(DrainStrategy?.IgnoreSystemJobs === true && (jobType === 'system' || jobType === 'sysbatch'));
