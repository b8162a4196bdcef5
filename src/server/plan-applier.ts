/**
 * Applies plans, one at a time, each part a transaction of its own.
 *
 * The tables may have moved since the plan was made (large plans are made in slices), so every row is verified against
 * the pending head: what no longer holds is refused and evaluated again, and two plans never take one port.
 */
import type { Allocation } from '../model/allocation.ts';
import { isClientTerminal, isTerminal } from '../model/allocation.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import { failureOf, isDeploymentActive } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import { type GroupResources, groupResources } from '../model/group-resources.ts';
import { findGroup, type Job, type TaskGroup } from '../model/job.ts';
import { MILLISECOND, nanosOf, timestampOf, ZERO_TIME } from '../model/nanos.ts';
import { isSchedulable } from '../model/node.ts';
import { reservedPorts } from '../scheduler/place/ports.ts';
import type { Plan, PlannedStop } from '../scheduler/types.ts';
import type { WriteTx } from '../state/types.ts';
import { trafficOfStopped } from './traffic-decision.ts';

/**
 * One transaction writes at most this many allocations: at twenty microseconds each, a larger one would keep every
 * request waiting for longer than the design allows (20 ms).
 */
export const PART_SIZE = 500;

export interface PlanPart {
  readonly stops: readonly PlannedStop[];
  readonly inPlace: readonly Allocation[];
  readonly placements: readonly Allocation[];
  /** The first part carries the deployment, its updates and the follow-up evaluations. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Cuts a plan into parts of at most `PART_SIZE` allocations. A placement stays in the part of the stop it replaces. */
export function planParts(plan: Plan): PlanPart[] {
  const size = plan.stops.length + plan.inPlace.length + plan.placements.length;
  if (size <= PART_SIZE) return [{ ...plan, isFirst: true, isLast: true }];
  return [...cut(pairs(plan))].map((part, at, all) => ({ ...part, isFirst: at === 0, isLast: at === all.length - 1 }));
}

export interface AppliedPart {
  /** Allocations that could not be taken: the evaluation must be made again. */
  readonly refused: number;
}

/** Writes what of a part still holds. The caller has checked that the plan's job is still the current one. */
export function applyPart(tx: WriteTx, plan: Plan, part: PlanPart, nowMs: number): AppliedPart {
  if (part.isFirst) applyHead(tx, plan, nowMs);
  const joined = part.inPlace.filter((row) => applyInPlace(tx, row, nowMs) === 'joined');
  const placed = part.placements.filter((row) => isPlaceable(tx, row) && applyPlacement(tx, row, nowMs));
  const isPlaced = new Set(placed);
  const kept = predecessorsOf(part.placements.filter((row) => !isPlaced.has(row)));
  for (const stop of part.stops) {
    if (stop.clientStatus === 'lost' || !kept.has(stop.alloc.ID)) applyStop(tx, stop, nowMs);
  }
  countPlaced(tx, plan.deployment?.ID, [...placed, ...joined], placed, nowMs);
  return { refused: part.placements.length - placed.length };
}

function applyHead(tx: WriteTx, plan: Plan, nowMs: number): void {
  for (const update of plan.deploymentUpdates) {
    const deployment = tx.deployment(update.deploymentId);
    if (!deployment || !isDeploymentActive(deployment)) continue;
    const failure = failureOf(update.description);
    tx.putDeployment({
      ...deployment,
      Status: update.status,
      StatusDescription: update.description,
      ...(failure && { Failure: failure }),
      ModifyTimeMs: nowMs,
    });
  }
  if (plan.deployment) tx.putDeployment({ ...plan.deployment, CreateTimeMs: nowMs, ModifyTimeMs: nowMs });
  for (const followup of plan.followups) if (!isForeseen(tx, followup, nowMs)) tx.putEvaluation(followup);
  for (const row of plan.delayed ?? []) {
    const alloc = tx.alloc(row.ID);
    if (alloc) tx.putAlloc({ ...alloc, FollowupEvalID: row.FollowupEvalID });
  }
  for (const row of plan.disconnected ?? []) {
    const { Disconnected: _, ...alloc } = tx.alloc(row.ID) ?? row;
    if (tx.alloc(row.ID)) tx.putAlloc({ ...alloc, ...(row.Disconnected && { Disconnected: row.Disconnected }) });
  }
}

/**
 * Somebody looks at the job before that already, and will ask again if it must be. Without this, two looks that each ask
 * for two would be four, and a minute later there would be nothing else.
 */
function isForeseen(
  tx: WriteTx,
  { Namespace, JobID, TriggeredBy, WaitUntilMs = 0 }: Evaluation,
  nowMs: number,
): boolean {
  if (TriggeredBy !== 'rolling-update') return false;
  return tx
    .evaluationsByJob(Namespace, JobID)
    .some(
      (other) =>
        other.Status === 'pending' &&
        other.TriggeredBy === 'rolling-update' &&
        (other.WaitUntilMs ?? 0) > nowMs &&
        (other.WaitUntilMs ?? 0) <= WaitUntilMs,
    );
}

/** Where a successor could not be placed its predecessor runs on: an update never takes more than it gives. */
function predecessorsOf(refused: readonly Allocation[]): ReadonlySet<string> {
  return new Set(refused.map((row) => row.PreviousAllocation).filter((id) => id !== ''));
}

function applyStop(tx: WriteTx, stop: PlannedStop, nowMs: number): void {
  clearStandIn(tx, stop.alloc);
  const row = tx.alloc(stop.alloc.ID);
  if (!row) return;
  const { Disconnected: _, ...alloc } = row;
  const lost = stop.clientStatus === 'lost' && !isClientTerminal(alloc);
  tx.putAlloc(
    {
      ...alloc,
      ...trafficOfStopped(alloc),
      DesiredStatus: 'stop',
      DesiredDescription: stop.description,
      ModifyTime: nanosOf(nowMs),
      ...(lost && { ClientStatus: 'lost' as const, ClientDescription: 'alloc is lost since its node is down' }),
      ...(stop.followupEvalId !== undefined && { FollowupEvalID: stop.followupEvalId }),
    },
    { serverSide: true },
  );
}

/** Where an instance goes on whose node was lost, nobody is in its place any more once the one that stood in has gone. */
function clearStandIn(tx: WriteTx, { ID, PreviousAllocation }: Allocation): void {
  const original = PreviousAllocation === '' ? undefined : tx.alloc(PreviousAllocation);
  if (original?.NextAllocation !== ID || isTerminal(original) || !groupOf(tx, original)?.Disconnect) return;
  tx.putAlloc({ ...original, NextAllocation: '' });
}

/**
 * The plan owns the version and the deployment of a running allocation; all else may have moved since. One that goes on
 * in its deployment keeps what its node has said of it there.
 */
function applyInPlace(tx: WriteTx, row: Allocation, nowMs: number): 'joined' | 'stayed' {
  const alloc = tx.alloc(row.ID);
  if (!alloc || isClientTerminal(alloc)) return 'stayed';
  const goesOn = row.DeploymentID !== '' && row.DeploymentID === alloc.DeploymentID;
  const { RestsUntilMs, ...rest } = alloc;
  tx.putAlloc(
    {
      ...rest,
      JobVersion: row.JobVersion,
      EvalID: row.EvalID,
      DeploymentID: row.DeploymentID,
      DeploymentStatus: goesOn ? alloc.DeploymentStatus : row.DeploymentStatus,
      // Whoever was begun in its place is not wanted any more.
      NextAllocation: '',
      DesiredStatus: row.DesiredStatus,
      DesiredDescription: row.DesiredDescription,
      FollowupEvalID: row.FollowupEvalID,
      ModifyTime: nanosOf(nowMs),
      ...(row.RestsUntilMs !== undefined && RestsUntilMs !== undefined && { RestsUntilMs }),
    },
    { serverSide: true },
  );
  return goesOn ? 'stayed' : 'joined';
}

function applyPlacement(tx: WriteTx, row: Allocation, nowMs: number): boolean {
  tx.putAlloc({ ...row, CreateTime: nanosOf(nowMs), ModifyTime: nanosOf(nowMs) }, { serverSide: true });
  const previous = row.PreviousAllocation === '' ? undefined : tx.alloc(row.PreviousAllocation);
  if (previous && previous.NextAllocation === '') tx.putAlloc({ ...previous, NextAllocation: row.ID });
  return true;
}

/** Does the node still take it: schedulable, its ports free, its room there? A successor may take its predecessor's. */
function isPlaceable(tx: WriteTx, row: Allocation): boolean {
  const node = tx.node(row.NodeID);
  const group = groupOf(tx, row);
  if (!node || !group || !isSchedulable(node)) return false;
  const usage = tx.usage(row.NodeID);
  const freed = roomToCome(tx, row);
  const kept = reservedPorts(node);
  const isTaken = (port: number) => kept.has(port) || (usage.ports.has(port) && !freed.ports.has(port));
  if (row.Ports.some((port) => isTaken(port.Value))) return false;
  const wanted = groupResources(group);
  const { NodeResources: all, ReservedResources: reserved } = node;
  const fits = (used: number, more: number, less: number, limit: number) => more <= less || used + more - less <= limit;
  return (
    fits(usage.cpu, wanted.cpu, freed.cpu, all.Cpu.CpuShares - reserved.Cpu.CpuShares) &&
    fits(usage.memoryMB, wanted.memoryMB, freed.memoryMB, all.Memory.MemoryMB - reserved.Memory.MemoryMB) &&
    fits(usage.diskMB, wanted.diskMB, freed.diskMB, all.Disk.DiskMB - reserved.Disk.DiskMB)
  );
}

/** What the predecessor that a row waits for still holds; once that one has ended, others may have come there. */
function roomToCome(tx: WriteTx, row: Allocation): GroupResources & { readonly ports: ReadonlySet<number> } {
  const previous = row.AwaitsPrevious ? tx.alloc(row.PreviousAllocation) : undefined;
  const group = previous && groupOf(tx, previous);
  if (!previous || !group || isClientTerminal(previous) || previous.NodeID !== row.NodeID) return NO_ROOM;
  return { ...groupResources(group), ports: new Set(previous.Ports.map((port) => port.Value)) };
}

const NO_ROOM = { cpu: 0, memoryMB: 0, diskMB: 0, ports: new Set<number>() } as const;

function groupOf(tx: WriteTx, { Namespace, JobID, JobVersion, TaskGroup }: Allocation): TaskGroup | undefined {
  const job = tx.jobVersion(Namespace, JobID, JobVersion);
  return job && findGroup(job, TaskGroup);
}

/** Keeps the deployment's counts and starts its clock: the progress deadline runs from the first placement. */
function countPlaced(
  tx: WriteTx,
  newDeploymentId: string | undefined,
  counted: readonly Allocation[],
  placed: readonly Allocation[],
  nowMs: number,
): void {
  const ids = new Set(counted.map((row) => row.DeploymentID).filter((id) => id !== ''));
  if (newDeploymentId !== undefined) ids.add(newDeploymentId);
  for (const id of ids) {
    const deployment = tx.deployment(id);
    if (deployment) tx.putDeployment(withPlaced(deployment, id, counted, placed, nowMs));
  }
}

function withPlaced(
  deployment: Deployment,
  id: string,
  counted: readonly Allocation[],
  placed: readonly Allocation[],
  nowMs: number,
): Deployment {
  const inGroup = (rows: readonly Allocation[], group: string) =>
    rows.filter((row) => row.DeploymentID === id && row.TaskGroup === group);
  const groups = Object.entries(deployment.TaskGroups).map(([name, state]): [string, DeploymentState] => {
    const here = inGroup(counted, name);
    if (here.length === 0) return [name, state];
    const canaries = here.filter((row) => row.DeploymentStatus?.Canary).map((row) => row.ID);
    // Instances that are simply more than before are no batch: nothing waits for them.
    const isBatch = inGroup(placed, name).some((row) => row.PreviousAllocation !== '');
    return [
      name,
      {
        ...state,
        PlacedAllocs: state.PlacedAllocs + here.length,
        ...(canaries.length > 0 && { PlacedCanaries: [...(state.PlacedCanaries ?? []), ...canaries] }),
        ...(state.RequireProgressBy === ZERO_TIME && {
          RequireProgressBy: progressBy(state, deployment.PausedAtMs ?? nowMs),
        }),
        ...(isBatch && { LastBatchMs: nowMs }),
      },
    ];
  });
  return { ...deployment, TaskGroups: Object.fromEntries(groups), ModifyTimeMs: nowMs };
}

/** The time stamp by which the group must have made progress; the zero time where no deadline is set. */
export function progressBy(state: Pick<DeploymentState, 'ProgressDeadline'>, nowMs: number): string {
  return state.ProgressDeadline === 0 ? ZERO_TIME : timestampOf(nowMs + state.ProgressDeadline / MILLISECOND);
}

/** A job whose specification changed while the plan was made: the plan is about something that is gone. */
export function isOutdated(planned: Job | undefined, current: Job | undefined): boolean {
  return planned?.JobModifyIndex !== current?.JobModifyIndex || planned?.Stop !== current?.Stop;
}

type Pair = { readonly stop?: PlannedStop; readonly inPlace?: Allocation; readonly placement?: Allocation };

function* pairs(plan: Plan): Generator<Pair> {
  const successors = new Map(plan.placements.map((row) => [row.PreviousAllocation, row]));
  const paired = new Set<Allocation>();
  for (const stop of plan.stops) {
    const placement = successors.get(stop.alloc.ID);
    if (placement) paired.add(placement);
    yield placement ? { stop, placement } : { stop };
  }
  for (const inPlace of plan.inPlace) yield { inPlace };
  for (const placement of plan.placements) if (!paired.has(placement)) yield { placement };
}

function* cut(all: Iterable<Pair>): Generator<Omit<PlanPart, 'isFirst' | 'isLast'>> {
  let part = emptyPart();
  let size = 0;
  for (const { stop, inPlace, placement } of all) {
    if (stop) part.stops.push(stop);
    if (inPlace) part.inPlace.push(inPlace);
    if (placement) part.placements.push(placement);
    size += (stop ? 1 : 0) + (inPlace ? 1 : 0) + (placement ? 1 : 0);
    if (size < PART_SIZE - 1) continue;
    yield part;
    part = emptyPart();
    size = 0;
  }
  if (size > 0) yield part;
}

function emptyPart(): { stops: PlannedStop[]; inPlace: Allocation[]; placements: Allocation[] } {
  return { stops: [], inPlace: [], placements: [] };
}
