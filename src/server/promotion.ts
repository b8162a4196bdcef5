/** Promoting: the canaries of a group become instances like any other, and the rest of the group may follow them. */
import type { NewId } from '../lib/ids.ts';
import { type Allocation, isTerminal } from '../model/allocation.ts';
import { type Deployment, DeploymentDescriptions, type DeploymentState } from '../model/deployment.ts';
import { MILLISECOND, nanosOf } from '../model/nanos.ts';
import type { WriteTx } from '../state/types.ts';
import { newEvaluation } from './evaluations.ts';
import { progressBy } from './plan-applier.ts';

/** The group began with canaries, and nobody has promoted them. */
export const awaitsPromotion = (state: DeploymentState): boolean => state.DesiredCanaries > 0 && !state.Promoted;

/** The canaries of a group that are there to stay; one that was stopped or replaced counts no more. */
export function canariesOf(allocs: readonly Allocation[], group: string): Allocation[] {
  return allocs.filter(
    (alloc) => alloc.TaskGroup === group && alloc.DesiredStatus === 'run' && alloc.DeploymentStatus?.Canary === true,
  );
}

export const healthyAmong = (canaries: readonly Allocation[]): number =>
  canaries.filter((alloc) => isHealthy(alloc)).length;

/** Why the group cannot be promoted, in one sentence that names those that are not healthy; undefined where it can. */
export function promotionProblem(
  group: string,
  state: DeploymentState,
  allocs: readonly Allocation[],
): string | undefined {
  const canaries = canariesOf(allocs, group);
  const healthy = healthyAmong(canaries);
  if (!awaitsPromotion(state) || healthy >= state.DesiredCanaries) return undefined;
  const missing = canaries.filter((alloc) => !isHealthy(alloc)).map(({ ID }) => ID.slice(0, 8));
  const which = missing.length > 0 ? `; not healthy: ${missing.join(', ')}` : '';
  return `Task group "${group}" has ${healthy}/${state.DesiredCanaries} healthy allocations${which}`;
}

const isHealthy = ({ DeploymentStatus, ClientStatus, Disconnected }: Allocation): boolean =>
  DeploymentStatus?.Healthy === true && ClientStatus === 'running' && Disconnected === undefined;

/** Who promotes, and when. */
export interface Promotion {
  readonly groups: readonly string[];
  readonly nowMs: number;
  readonly newId: NewId;
}

/**
 * Promotes the groups, and gives those that had canaries all of their time for the rest. Where the canaries are a whole
 * second set, the old one rests from this very transaction on: the traffic moves in one step.
 */
export function promote(tx: WriteTx, deployment: Deployment, { groups, nowMs, newId }: Promotion): void {
  const states = Object.entries(deployment.TaskGroups).map(([name, state]): [string, DeploymentState] =>
    groups.includes(name) ? [name, promoted(deployment, state, nowMs)] : [name, state],
  );
  const next: Deployment = { ...deployment, TaskGroups: Object.fromEntries(states), ModifyTimeMs: nowMs };
  tx.putDeployment(next.Status === 'running' ? { ...next, StatusDescription: runningWords(next) } : next);
  for (const group of groups) {
    for (const alloc of canariesOf(tx.allocsByDeployment(deployment.ID), group)) welcome(tx, alloc, nowMs);
    const before = deployment.TaskGroups[group];
    if (before?.IsBlueGreen && awaitsPromotion(before)) rest(tx, deployment, group, nowMs);
  }
  wakeWhenRested(tx, next, groups, nowMs, newId);
}

function promoted(deployment: Deployment, state: DeploymentState, nowMs: number): DeploymentState {
  if (!awaitsPromotion(state)) return { ...state, Promoted: true };
  return {
    ...state,
    Promoted: true,
    RequireProgressBy: progressBy(state, deployment.PausedAtMs ?? nowMs),
    ...(keptWarm(state) && { WarmUntilMs: nowMs + keptWarm(state) }),
  };
}

const keptWarm = ({ KeepWarm = 0 }: DeploymentState): number => KeepWarm / MILLISECOND;

function rest(tx: WriteTx, deployment: Deployment, group: string, nowMs: number): void {
  const RestsUntilMs = nowMs + keptWarm(deployment.TaskGroups[group]!);
  for (const alloc of tx.allocsByJob(deployment.Namespace, deployment.JobID)) {
    const isOld = alloc.TaskGroup === group && alloc.DeploymentID !== deployment.ID && !isTerminal(alloc);
    if (isOld) tx.putAlloc({ ...alloc, RestsUntilMs, ModifyTime: nanosOf(nowMs) }, { serverSide: true });
  }
}

/** Somebody has to stop the old set when its time is over. */
function wakeWhenRested(
  tx: WriteTx,
  { TaskGroups, Namespace, JobID, ID }: Deployment,
  groups: readonly string[],
  nowMs: number,
  newId: NewId,
): void {
  const times = groups.map((group) => TaskGroups[group]?.WarmUntilMs ?? 0).filter((untilMs) => untilMs > nowMs);
  const job = tx.job(Namespace, JobID);
  if (!job) return;
  for (const waitUntilMs of new Set(times)) {
    const request = { trigger: 'deployment-watcher', nowMs, newId, deploymentId: ID, waitUntilMs } as const;
    tx.putEvaluation(newEvaluation(job, request));
  }
}

function welcome(tx: WriteTx, alloc: Allocation, nowMs: number): void {
  if (!alloc.DeploymentStatus) return;
  const DeploymentStatus = { ...alloc.DeploymentStatus, Canary: false, ModifyIndex: tx.index };
  tx.putAlloc({ ...alloc, DeploymentStatus, ModifyTime: nanosOf(nowMs) }, { serverSide: true });
}

/** What a running deployment says of itself. */
export function runningWords({ TaskGroups }: Deployment): string {
  const waiting = Object.values(TaskGroups).filter(awaitsPromotion);
  const { running, runningAutoPromotion, runningNeedsPromotion } = DeploymentDescriptions;
  if (waiting.length === 0) return running;
  return waiting.every(({ AutoPromote }) => AutoPromote) ? runningAutoPromotion : runningNeedsPromotion;
}
