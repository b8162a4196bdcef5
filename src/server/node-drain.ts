/** Begins, changes and ends the drain of a node: the rows. Which instances go when is the drainer's affair. */
import { SerinError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import { MILLISECOND, nanosOf, timestampOf, ZERO_TIME } from '../model/nanos.ts';
import type { DrainSpec, DrainStrategy, LastDrain, Node } from '../model/node.ts';
import type { WriteTx } from '../state/types.ts';
import { newEvaluation } from './evaluations.ts';
import { withEvent } from './node-events.ts';
import type { DrainRequest } from './operations.ts';

export interface DrainContext {
  readonly nowMs: number;
  readonly newId: NewId;
}

/** Writes what was asked for, and answers the evaluations that follow from it. */
export function drainNode(tx: WriteTx, nodeId: string, request: DrainRequest, context: DrainContext): string[] {
  const node = tx.node(nodeId);
  if (!node) throw new SerinError('notFound', 'node not found');
  if (request.spec) {
    startDrain(tx, node, request.spec, request.meta, context.nowMs);
    return [];
  }
  cancelDrain(tx, node, request, context.nowMs);
  return takeBackMarks(tx, nodeId, context);
}

function startDrain(tx: WriteTx, node: Node, spec: DrainSpec, meta: DrainRequest['meta'], nowMs: number): void {
  const strategy = strategyOf(node, spec, nowMs);
  tx.putNode({
    ...node,
    Drain: true,
    DrainStrategy: strategy,
    SchedulingEligibility: 'ineligible',
    LastDrain: lastDrain(node, 'draining', meta, nowMs),
    Events: withEvent(node, node.DrainStrategy ? DrainEvents.updated : DrainEvents.set, nowMs, 'Drain'),
  });
}

/** The words of the wire's node events. */
const DrainEvents = {
  set: 'Node drain strategy set',
  updated: 'Node drain changed',
  disabled: 'Node drain taken back',
  complete: 'Node drain complete',
} as const;

/** A drain that is changed while it runs began when it began; its deadline counts from now. */
function strategyOf(node: Node, { Deadline, IgnoreSystemJobs }: DrainSpec, nowMs: number): DrainStrategy {
  return {
    Deadline,
    IgnoreSystemJobs,
    ForceDeadline: Deadline > 0 ? timestampOf(nowMs + Deadline / MILLISECOND) : ZERO_TIME,
    StartedAt: node.DrainStrategy?.StartedAt ?? timestampOf(nowMs),
  };
}

function cancelDrain(tx: WriteTx, node: Node, request: DrainRequest, nowMs: number): void {
  const isDraining = node.DrainStrategy !== null;
  tx.putNode({
    ...node,
    Drain: false,
    DrainStrategy: null,
    SchedulingEligibility: request.markEligible ? 'eligible' : node.SchedulingEligibility,
    ...(isDraining && {
      LastDrain: lastDrain(node, 'canceled', request.meta, nowMs),
      Events: withEvent(node, DrainEvents.disabled, nowMs, 'Drain'),
    }),
  });
}

/** Nothing that must go is left: the drain is over, and the node stays closed to new instances. */
export function completeDrain(tx: WriteTx, node: Node, nowMs: number): void {
  tx.putNode({
    ...node,
    Drain: false,
    DrainStrategy: null,
    LastDrain: lastDrain(node, 'complete', null, nowMs),
    Events: withEvent(node, DrainEvents.complete, nowMs, 'Drain'),
  });
}

/** A drain that is under way keeps when it began, and what was said of it. */
function lastDrain(node: Node, Status: LastDrain['Status'], meta: DrainRequest['meta'], nowMs: number): LastDrain {
  const before = node.DrainStrategy ? node.LastDrain : null;
  const said = { ...before?.Meta, ...meta };
  return {
    StartedAt: before?.StartedAt ?? timestampOf(nowMs),
    UpdatedAt: timestampOf(nowMs),
    Status,
    AccessorID: before?.AccessorID ?? '',
    Meta: Object.keys(said).length > 0 ? said : null,
  };
}

/** Whoever was to leave and has no successor yet stays. */
function takeBackMarks(tx: WriteTx, nodeId: string, context: DrainContext): string[] {
  const staying = tx.allocsByNode(nodeId).filter(isMarkedInVain);
  for (const alloc of staying) {
    tx.putAlloc({
      ...alloc,
      DesiredTransition: { Reschedule: null, ForceReschedule: null, ...alloc.DesiredTransition, Migrate: null },
      ModifyTime: nanosOf(context.nowMs),
    });
  }
  return evaluateDrained(tx, nodeId, staying, context);
}

const isMarkedInVain = (alloc: Allocation): boolean =>
  alloc.DesiredTransition?.Migrate === true &&
  alloc.DesiredStatus === 'run' &&
  alloc.NextAllocation === '' &&
  !isClientTerminal(alloc);

/** One evaluation for each job that these instances are of. */
export function evaluateDrained(
  tx: WriteTx,
  nodeId: string,
  allocs: readonly Allocation[],
  context: DrainContext,
): string[] {
  const jobs = new Map(allocs.map((alloc) => [`${alloc.Namespace}/${alloc.JobID}`, alloc]));
  return [...jobs.values()].flatMap(({ Namespace, JobID }) => {
    const job = tx.job(Namespace, JobID);
    if (!job) return [];
    const evaluation = newEvaluation(job, { trigger: 'node-drain', nodeId, ...context });
    tx.putEvaluation(evaluation);
    return [evaluation.ID];
  });
}
