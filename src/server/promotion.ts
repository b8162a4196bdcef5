/** Promoting: the canaries of a group become instances like any other, and the rest of the group may follow them. */
import type { Allocation } from '../model/allocation.ts';
import { type Deployment, DeploymentDescriptions, type DeploymentState } from '../model/deployment.ts';
import { nanosOf } from '../model/nanos.ts';
import type { WriteTx } from '../state/types.ts';
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

const isHealthy = ({ DeploymentStatus, ClientStatus }: Allocation): boolean =>
  DeploymentStatus?.Healthy === true && ClientStatus === 'running';

/** Promotes the groups, and gives those that had canaries all of their time for the rest. */
export function promote(tx: WriteTx, deployment: Deployment, groups: readonly string[], nowMs: number): void {
  const states = Object.entries(deployment.TaskGroups).map(([name, state]): [string, DeploymentState] =>
    groups.includes(name) ? [name, promoted(deployment, state, nowMs)] : [name, state],
  );
  const next: Deployment = { ...deployment, TaskGroups: Object.fromEntries(states), ModifyTimeMs: nowMs };
  tx.putDeployment(next.Status === 'running' ? { ...next, StatusDescription: runningWords(next) } : next);
  for (const group of groups) {
    for (const alloc of canariesOf(tx.allocsByDeployment(deployment.ID), group)) welcome(tx, alloc, nowMs);
  }
}

function promoted(deployment: Deployment, state: DeploymentState, nowMs: number): DeploymentState {
  if (!awaitsPromotion(state)) return { ...state, Promoted: true };
  return { ...state, Promoted: true, RequireProgressBy: progressBy(state, deployment.PausedAtMs ?? nowMs) };
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
