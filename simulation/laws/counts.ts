/** The laws about how many: the floor under what serves, the ceiling over what is wanted, the room on a node. */
import { type Allocation, isClientTerminal } from '../../src/model/allocation.ts';
import { isDeploymentActive } from '../../src/model/deployment.ts';
import { hasIngress } from '../../src/model/ingress-services.ts';
import { findGroup, type Job, type TaskGroup } from '../../src/model/job.ts';
import { MILLISECOND } from '../../src/model/nanos.ts';
import type { CommittedTransaction, ReadTx } from '../../src/state/types.ts';
import {
  awaitsPromotion,
  changesOf,
  inWords,
  isAway,
  isBlueGreen,
  isForgotten,
  isResting,
  isServing,
  isWanted,
  kinOf,
  listInWords,
  stateOf,
  wantedOf,
} from './instances.ts';
import type { Verdicts } from './laws.ts';

/** Why an instance was told to stop, as far as a floor holds for it. */
const UPDATING = 'alloc is being updated due to job update';
const MIGRATING = 'alloc is being migrated';
/** What a loop takes to come round. */
const LATE_MS = 2000;

export function checkCounts(verdicts: Verdicts, tx: ReadTx, transaction: CommittedTransaction, nowMs: number): void {
  const changed = changesOf<Allocation>(transaction, 'allocs');
  if (changed.length === 0) return;
  for (const [before, after] of changed) {
    if (before && after && before.DesiredStatus === 'run' && after.DesiredStatus === 'stop')
      checkFloor(verdicts, tx, { before, after, changed, nowMs });
  }
  const rows = changed.flatMap(([before, after]) => after ?? before ?? []);
  for (const row of new Map(rows.map((row) => [row.TaskGroup, row])).values()) checkCeiling(verdicts, tx, row, nowMs);
  checkRooms(verdicts, tx, transaction);
}

export function checkRooms(verdicts: Verdicts, tx: ReadTx, transaction: CommittedTransaction): void {
  const rows = changesOf<Allocation>(transaction, 'allocs').flatMap(([before, after]) => after ?? before ?? []);
  for (const nodeId of new Set(rows.map((row) => row.NodeID))) checkRoom(verdicts, tx, nodeId);
}

interface Stop {
  readonly before: Allocation;
  readonly after: Allocation;
  /** Everything that the transaction did. */
  readonly changed: readonly (readonly [Allocation | undefined, Allocation | undefined])[];
  readonly nowMs: number;
}

function checkFloor(verdicts: Verdicts, tx: ReadTx, { before, after, changed, nowMs }: Stop): void {
  const job = tx.job(after.Namespace, after.JobID);
  const group = job && findGroup(job, after.TaskGroup);
  if (!group?.Update || !job || job.Stop || !isServing(before) || isForgotten(after)) return;
  // A set that waits for its promotion takes no part in the count.
  if (isWaitingGreen(tx, before)) return;
  const mayTake = allowance(tx, group, after, nowMs);
  if (mayTake === undefined) return;
  const wanted = wantedOf(tx, after);
  const wasProven = new Set(changed.flatMap(([was]) => (was && isProven(was) ? was.ID : [])));
  const isTakenOver = wanted.some(
    (other) => other.Name === after.Name && (hasTakenOver(tx, other, after) || wasProven.has(other.ID)),
  );
  // One that was never found healthy is no loss to the count; but while it is the last that takes requests it stays.
  const counts = before.DeploymentStatus?.Healthy === true && !awaitsPromotion(tx, before);
  // A drain does not wait for what fails by itself.
  const ill = after.DesiredDescription === MIGRATING ? illOf(tx, after, group, nowMs) : 0;
  const count = Math.min(keptCount(tx, job, group), group.Count);
  const ofCount = counts ? count - mayTake - ill : 0;
  const left = wanted.filter((alloc) => isServing(alloc) && !isWaitingGreen(tx, alloc)).length;
  verdicts.check(
    'floor',
    isTakenOver || left >= ofCount,
    () =>
      `stopping ${inWords(after)} leaves ${left} serving of ${count}, may take ${mayTake}; wanted: ${listInWords(wanted)}`,
  );
  if (ofCount > 0 && hasEnoughSurge(group) && after.DesiredDescription === UPDATING && !isAnyDraining(tx))
    verdicts.check(
      'surge',
      isTakenOver || left >= group.Count,
      () => `stopping ${inWords(after)} leaves ${left} serving of ${group.Count}`,
    );
  if (!isTakenOver) checkLast(verdicts, tx, job, group, after);
}

/** Found healthy; or serving, where no deployment judges it any more, or where it was there before (a revert moves it in place). */
function hasTakenOver(tx: ReadTx, alloc: Allocation, from: Allocation): boolean {
  if (alloc.DeploymentStatus?.Healthy === true) return true;
  const isJudged = isDeploymentActive(tx.deployment(alloc.DeploymentID));
  return isServing(alloc) && (!isJudged || alloc.CreateIndex < from.CreateIndex);
}

/** What an update in place makes forgotten in the same step. */
const isProven = (alloc: Allocation): boolean =>
  alloc.DeploymentStatus?.Healthy === true || (alloc.DeploymentID === '' && isServing(alloc));

function isWaitingGreen(tx: ReadTx, alloc: Allocation): boolean {
  const state = stateOf(tx, alloc)?.state;
  return state !== undefined && isBlueGreen(state) && awaitsPromotion(tx, alloc);
}

/** Instances that hold a place and fail by themselves: they were judged so, or have had their `healthy_deadline`. */
function illOf(tx: ReadTx, { Namespace, JobID, TaskGroup }: Allocation, { Migrate }: TaskGroup, nowMs: number): number {
  const timeMs = (Migrate?.HealthyDeadline ?? 0) / MILLISECOND;
  const places = tx
    .allocsByJob(Namespace, JobID)
    .filter((alloc) => alloc.TaskGroup === TaskGroup && alloc.DesiredStatus === 'run' && !isServing(alloc));
  return places.filter(
    (alloc) =>
      alloc.DeploymentStatus?.Healthy === false ||
      isClientTerminal(alloc) ||
      nowMs - alloc.CreateTime / MILLISECOND >= timeMs,
  ).length;
}

/** How many of the count an update, or a drain, may take away at one time; undefined: no floor holds for this stop. */
function allowance(tx: ReadTx, group: TaskGroup, stopped: Allocation, nowMs: number): number | undefined {
  const maxParallel = group.Update?.MaxParallel ?? 0;
  const updates = maxParallel === 0 ? group.Count : maxParallel;
  if (stopped.DesiredDescription === UPDATING)
    return isAnyDraining(tx) ? Math.max(updates, group.Migrate?.MaxParallel ?? 0) : updates;
  const strategy = tx.node(stopped.NodeID)?.DrainStrategy;
  // What a person stops, stops.
  if (stopped.DesiredDescription !== MIGRATING || !strategy) return undefined;
  const hasDeadline = strategy.Deadline !== 0;
  const isForced = strategy.Deadline < 0 || (hasDeadline && Date.parse(strategy.ForceDeadline) <= nowMs);
  return isForced ? undefined : Math.max(updates, group.Migrate?.MaxParallel ?? 0);
}

const isAnyDraining = (tx: ReadTx): boolean => tx.nodes().some((node) => node.DrainStrategy !== null);

/** New ones start before old ones stop, as many as a batch has. */
export const hasEnoughSurge = (group: TaskGroup): boolean => {
  const surge = surgeOf(group);
  return surge > 0 && surge >= (group.Update?.MaxParallel ?? 0);
};

/** "25%" of the count is rounded up. */
function surgeOf(group: TaskGroup): number {
  const written = group.Update?.MaxSurge ?? 0;
  return typeof written === 'number' ? written : Math.ceil((group.Count * Number.parseFloat(written)) / 100);
}

function checkLast(verdicts: Verdicts, tx: ReadTx, job: Job, group: TaskGroup, stopped: Allocation): void {
  if (!hasIngress(group) || group.Count === 0) return;
  const names = new Set(kinOf(job, group).map((kin) => kin.Name));
  const serving = tx
    .allocsByJob(job.Namespace, job.ID)
    .filter((alloc) => names.has(alloc.TaskGroup) && isWanted(alloc) && isServing(alloc));
  verdicts.check('floor', serving.length > 0, () => `stopping ${inWords(stopped)} leaves nobody to take requests`);
}

function checkCeiling(verdicts: Verdicts, tx: ReadTx, row: Allocation, nowMs: number): void {
  const job = tx.job(row.Namespace, row.JobID);
  const group = job && findGroup(job, row.TaskGroup);
  // A change of the job is one evaluation ahead of the scheduler; a timer that has yet to fire is no excuse.
  if (!group || !job || job.Stop || isBeingEvaluated(tx, job, nowMs)) return;
  const wanted = wantedOf(tx, row).filter((alloc) => !isResting(alloc) && !isDoubled(tx, group, alloc));
  const starting = startingOf(tx, job, group, wanted);
  const base = kinOf(job, group).length > 1 ? largestCount(tx, job, group, wanted) : baseCount(tx, job, group);
  const limit = base + starting + canariesOf(tx, job, group) + lastServing(tx, job, wanted);
  verdicts.check(
    'ceiling',
    wanted.length <= limit,
    () =>
      `group ${group.Name} has ${wanted.length} wanted instances, may have ${limit} for a count of ${group.Count}: ${listInWords(wanted)}`,
  );
  checkRested(verdicts, tx, row, nowMs);
}

/** It is away, or is just back: another stands in for it until one of the two goes. */
function isDoubled(tx: ReadTx, { Disconnect }: TaskGroup, alloc: Allocation): boolean {
  if (isAway(alloc)) return true;
  const standIn = Disconnect && tx.alloc(alloc.NextAllocation);
  return standIn !== undefined && isWanted(standIn) && standIn.JobVersion === alloc.JobVersion;
}

/** The old set of a promoted blue/green runs no longer than it is to be kept warm. */
function checkRested(verdicts: Verdicts, tx: ReadTx, row: Allocation, nowMs: number): void {
  const resting = wantedOf(tx, row).filter(isResting);
  if (resting.length === 0) return;
  const late = resting.filter(({ RestsUntilMs = 0 }) => RestsUntilMs < nowMs - LATE_MS);
  verdicts.check('ceiling', late.length === 0, () => `kept for longer than keep_warm: ${listInWords(late)}`);
}

export const isBeingEvaluated = (
  tx: ReadTx,
  { Namespace, ID }: Pick<Job, 'Namespace' | 'ID'>,
  nowMs: number,
): boolean =>
  tx
    .evaluationsByJob(Namespace, ID)
    .some((evaluation) => evaluation.Status === 'pending' && (evaluation.WaitUntilMs ?? 0) <= nowMs);

/**
 * How many may run above the count while they take over; those that an earlier version started count as it said, its
 * canaries too: promoted, they take over only while they serve.
 */
function startingOf(tx: ReadTx, job: Job, group: TaskGroup, wanted: readonly Allocation[]): number {
  const versions = new Set(wanted.map(({ JobVersion }) => JobVersion));
  const earlier = [...versions].flatMap((version) => {
    const known = version === job.Version ? undefined : tx.jobVersion(job.Namespace, job.ID, version);
    return (known && findGroup(known, group.Name)) ?? [];
  });
  const canaries = earlier.map(({ Count, Update }) => Math.min(Count, Update?.Canary ?? 0));
  const moved = [group, ...earlier].map((each) => Math.max(surgeOf(each), each.Update?.MaxParallel ?? 0));
  return Math.max(1, ...moved, ...canaries);
}

/** A new version with a lower count takes nothing of the old one away before it is promoted, and never once it has failed. */
const baseCount = (tx: ReadTx, job: Job, group: TaskGroup): number => Math.max(group.Count, keptCount(tx, job, group));

/** How many there are to be: the old version's own number while canaries wait, or after they failed. */
function keptCount(tx: ReadTx, job: Job, group: TaskGroup): number {
  const deployment = tx.deploymentsByJob(job.Namespace, job.ID)[0];
  const state = deployment?.TaskGroups[group.Name];
  const isKept = isDeploymentActive(deployment) || deployment?.Status === 'failed';
  const isWaiting = isKept && state?.Promoted === false && state.DesiredCanaries > 0;
  return isWaiting ? (state.BaseCount ?? group.Count) : group.Count;
}

/** Where counts move between groups of one service, the instances of the old count go as those of the new one come. */
function largestCount(tx: ReadTx, job: Job, group: TaskGroup, wanted: readonly Allocation[]): number {
  const counts = wanted.map(({ JobVersion }) => {
    const version = tx.jobVersion(job.Namespace, job.ID, JobVersion);
    return (version && findGroup(version, group.Name)?.Count) ?? 0;
  });
  return Math.max(baseCount(tx, job, group), ...counts);
}

/**
 * Canaries that nobody promoted, of before or of a deployment that failed: those that serve stay until somebody else
 * does, and go when the scheduler looks next.
 */
function lastServing(tx: ReadTx, job: Job, wanted: readonly Allocation[]): number {
  const waiting = wanted.filter((alloc) => awaitsPromotion(tx, alloc));
  const isOver = (alloc: Allocation): boolean => !isDeploymentActive(tx.deployment(alloc.DeploymentID));
  const superseded = waiting.filter((alloc) => alloc.JobVersion < job.Version);
  const failed = waiting.filter((alloc) => alloc.JobVersion >= job.Version && isOver(alloc));
  const isAwaited = wanted.every((alloc) => waiting.includes(alloc) || !isServing(alloc)) || isLookedAtAgain(tx, job);
  return superseded.length + (isAwaited ? failed.length : 0);
}

const isLookedAtAgain = (tx: ReadTx, { Namespace, ID }: Job): boolean =>
  tx.evaluationsByJob(Namespace, ID).some((evaluation) => evaluation.Status === 'pending');

/** Canaries, until they take the places of others: what is left over goes as soon as the scheduler has looked. */
function canariesOf(tx: ReadTx, job: Job, group: TaskGroup): number {
  const deployment = tx.deploymentsByJob(job.Namespace, job.ID)[0];
  return isDeploymentActive(deployment) ? (deployment?.TaskGroups[group.Name]?.DesiredCanaries ?? 0) : 0;
}

function checkRoom(verdicts: Verdicts, tx: ReadTx, nodeId: string): void {
  const node = tx.node(nodeId);
  if (!node) return;
  const there = tx.allocsByNode(nodeId).filter((alloc) => !isClientTerminal(alloc));
  const usage = tx.usage(nodeId);
  const mayOverlap = there.some((alloc) => alloc.AwaitsPrevious);
  verdicts.check(
    'room',
    mayOverlap || usage.memoryMB <= node.NodeResources.Memory.MemoryMB,
    () => `${node.Name} uses ${usage.memoryMB} MB of ${node.NodeResources.Memory.MemoryMB}`,
  );
  const ports = there.filter((alloc) => !alloc.AwaitsPrevious).flatMap(({ Ports }) => Ports.map(({ Value }) => Value));
  verdicts.check('room', new Set(ports).size === ports.length, () => `${node.Name} gives a port twice`);
}
