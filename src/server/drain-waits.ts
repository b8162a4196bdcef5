/**
 * What the drain of a node waits for, in a typed reason and a sentence for every group that still has instances there.
 * Like a deployment's blocker it names the thing: the instance, the check, the ingress, the missing room.
 */
import { shortId } from '../lib/ids.ts';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import { MILLISECOND } from '../model/nanos.ts';
import { type DrainWait, forceFromMs, type Node } from '../model/node.ts';
import type { ReadTx } from '../state/types.ts';
import { decidePool, maxParallelOf, type PoolDecision } from './drain-decision.ts';
import { isLeaving, type SeenById, servesFromMs } from './drain-health.ts';
import { type DrainingPool, drainingPools } from './drain-pools.ts';
import { instanceTrouble } from './instance-trouble.ts';

export interface WaitContext {
  readonly seen: SeenById;
  readonly nowMs: number;
}

export function drainWaits(tx: ReadTx, node: Node, { seen, nowMs }: WaitContext): DrainWait[] {
  const draining = tx.nodes().filter((each) => each.DrainStrategy !== null);
  if (!node.DrainStrategy) return [];
  const force = new Map(draining.map((each) => [each.ID, forceFromMs(each.DrainStrategy!)]));
  return drainingPools(tx, draining).flatMap((pool) => {
    const here = pool.allocs.filter((alloc) => alloc.NodeID === node.ID && !isClientTerminal(alloc));
    const decision = decidePool({ pool, forceFromMs: force, seen, nowMs });
    const situation = { pool, decision, here, seen, nowMs, unplaced: unplacedOf(tx, pool) };
    const wait = here.length > 0 ? firstWait(situation) : undefined;
    return wait ? [{ ...wait, ...until(force.get(node.ID), nowMs) }] : [];
  });
}

interface PoolOnNode extends WaitContext {
  readonly pool: DrainingPool;
  readonly decision: PoolDecision;
  /** Its instances on the node that have not ended. */
  readonly here: readonly Allocation[];
  /** Of its group, where some instances found no node. */
  readonly unplaced: Unplaced | undefined;
}

interface Unplaced {
  readonly count: number;
  readonly evalId: string;
}

/** In this order: what holds back the most is named first. */
const RULES: readonly ((situation: PoolOnNode) => Omit<DrainWait, keyof PoolName> | undefined)[] = [
  batchWork,
  noBudget,
  successorFirst,
  stopping,
];

type PoolName = Pick<DrainWait, 'Namespace' | 'JobID' | 'TaskGroup' | 'Instances'>;

function firstWait(situation: PoolOnNode): DrainWait | undefined {
  const { namespace: Namespace, jobId: JobID, group: TaskGroup } = situation.pool;
  for (const rule of RULES) {
    const found = rule(situation);
    if (found) return { Namespace, JobID, TaskGroup, Instances: situation.here.length, ...found };
  }
  return undefined;
}

function batchWork({ pool, decision, here }: PoolOnNode) {
  const [held] = decision.held.filter((alloc) => here.includes(alloc));
  if (!held || !pool.isBatch) return undefined;
  return {
    Reason: 'batch' as const,
    Message: `instance ${shortId(held.ID)} of batch job "${pool.jobId}" is left to finish`,
  };
}

function noBudget(situation: PoolOnNode) {
  const { pool, decision, here } = situation;
  if (!decision.held.some((alloc) => here.includes(alloc))) return undefined;
  const spare = `${nameOf(pool)} can spare no further instance: ${decision.serving} of ${pool.count} serve, and max_parallel is ${maxParallelOf(pool)}`;
  const why = whyMissing(situation);
  return { ...why, Message: `${spare}; ${why.Message}` };
}

function whyMissing(situation: PoolOnNode): Pick<DrainWait, 'Reason' | 'Message'> {
  const { pool, seen, nowMs, unplaced } = situation;
  if (unplaced) return { Reason: 'capacity', Message: `no node has room for ${unplaced.count}; ${hintOf(unplaced)}` };
  const unproven = pool.allocs.filter((alloc) => !isLeaving(alloc) && servesFromMs(alloc, pool.migrate, seen) > nowMs);
  const named = unproven.find((alloc) => instanceTrouble(alloc) !== undefined) ?? unproven[0];
  if (!named) return { Reason: 'scheduler', Message: 'the others are being moved' };
  const trouble = instanceTrouble(named);
  const owing = named.Traffic && !named.Traffic.Ready ? named.Traffic.Owing.join(', ') : '';
  if (!trouble && owing !== '')
    return { Reason: 'load-balancer', Message: `ingress ${owing} has yet to take instance ${shortId(named.ID)}` };
  const forSoLong = `for ${pool.migrate.MinHealthyTime / MILLISECOND / 1000}s`;
  const words = `instance ${shortId(named.ID)} must be healthy ${forSoLong}`;
  return { Reason: 'health', Message: trouble ? `${words}: ${trouble}` : words };
}

function successorFirst({ pool, here, unplaced }: PoolOnNode) {
  const marked = here.find((alloc) => alloc.DesiredStatus === 'run' && isLeaving(alloc));
  if (!marked) return undefined;
  const instance = `instance ${shortId(marked.ID)} of ${nameOf(pool)}`;
  if (!unplaced) return { Reason: 'health' as const, Message: `${instance} leaves once its successor serves` };
  const Message = `no node has room for the successor of ${instance}; ${hintOf(unplaced)}`;
  return { Reason: 'capacity' as const, Message };
}

const hintOf = ({ evalId }: Unplaced): string => `see: serin eval status ${shortId(evalId)}`;

function stopping({ pool, here }: PoolOnNode) {
  const leaving = here.filter((alloc) => alloc.DesiredStatus !== 'run');
  const owed = leaving.find(({ Traffic }) => Traffic !== undefined && Traffic.Owing.length > 0 && !Traffic.Drained);
  if (owed) {
    const Message = `ingress ${owed.Traffic?.Owing.join(', ')} has yet to finish what is in flight to instance ${shortId(owed.ID)}`;
    return { Reason: 'load-balancer' as const, Message };
  }
  if (!leaving[0]) return undefined;
  return { Reason: 'stopping' as const, Message: `instance ${shortId(leaving[0].ID)} of ${nameOf(pool)} is stopping` };
}

const KIND_WORDS = { stable: '', canaries: 'the canaries of ', resting: 'the old set of ' } as const;

const nameOf = ({ group, jobId, kind }: DrainingPool): string =>
  `${KIND_WORDS[kind]}group "${group}" of job "${jobId}"`;

function unplacedOf(tx: ReadTx, { namespace, jobId, group }: DrainingPool): Unplaced | undefined {
  const evaluations = tx.evaluationsByJob(namespace, jobId);
  const blocked = evaluations.find((evaluation) => evaluation.Status === 'blocked');
  const cause = blocked && evaluations.find((evaluation) => evaluation.BlockedEval === blocked.ID);
  const count = cause?.QueuedAllocations?.[group] ?? 0;
  return cause && count > 0 ? { count, evalId: cause.ID } : undefined;
}

const until = (forceMs: number | undefined, nowMs: number): { readonly UntilMs?: number } =>
  forceMs !== undefined && Number.isFinite(forceMs) && forceMs > nowMs ? { UntilMs: forceMs } : {};
