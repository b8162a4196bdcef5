/**
 * A scale is no new release: where a version changes nothing but counts, the deployment that is under way goes on with
 * the new target. Its instances stay healthy, its canaries stay canaries, and nobody has to start again.
 */
import { type Deployment, type DeploymentState, isDeploymentActive } from '../model/deployment.ts';
import { findGroup, type Job, type TaskGroup } from '../model/job.ts';
import { ZERO_TIME } from '../model/nanos.ts';
import { onlyCountsChanged } from '../model/update-kind.ts';
import type { WriteTx } from '../state/types.ts';
import { progressBy } from './plan-applier.ts';
import { awaitsPromotion, runningWords } from './promotion.ts';

/** The version as it is to be registered, with the deployment of the one before it moved on where it is to go on. */
export function carryOn(tx: WriteTx, current: Job | undefined, next: Job, nowMs: number): Job {
  const deployment = current && tx.deploymentsByJob(current.Namespace, current.ID)[0];
  if (!current || !deployment || !isOf(deployment, current) || !onlyCountsChanged(current, next)) return next;
  tx.putDeployment(carried(deployment, next, nowMs));
  return current.RevertOf === undefined ? next : { ...next, RevertOf: current.RevertOf };
}

const isOf = (deployment: Deployment, job: Job): boolean =>
  isDeploymentActive(deployment) &&
  deployment.JobVersion === job.Version &&
  deployment.JobCreateIndex === job.CreateIndex &&
  !job.Stop;

function carried(deployment: Deployment, next: Job, nowMs: number): Deployment {
  const states = Object.entries(deployment.TaskGroups).map(([name, state]): [string, DeploymentState] => {
    const group = findGroup(next, name);
    return [name, group ? scaled(deployment, state, group, nowMs) : state];
  });
  const moved: Deployment = {
    ...deployment,
    JobVersion: next.Version,
    JobSpecModifyIndex: next.JobModifyIndex,
    TaskGroups: Object.fromEntries(states),
    ModifyTimeMs: nowMs,
  };
  return moved.Status === 'running' ? { ...moved, StatusDescription: runningWords(moved) } : moved;
}

/** While canaries wait, both sets are scaled: the old one that serves, and a blue/green's new one. */
function scaled(deployment: Deployment, state: DeploymentState, group: TaskGroup, nowMs: number): DeploymentState {
  if (state.DesiredTotal === group.Count) return state;
  const target = { ...state, DesiredTotal: group.Count, ...deadline(deployment, state, nowMs) };
  if (!awaitsPromotion(state)) return target;
  const canaries = state.IsBlueGreen ? group.Count : Math.min(group.Update?.Canary ?? 0, group.Count);
  return { ...target, DesiredCanaries: canaries, BaseCount: group.Count };
}

/** Who asks for more gives more time: the clock starts again, from the pause where it stands. */
function deadline(
  deployment: Deployment,
  state: DeploymentState,
  nowMs: number,
): Pick<DeploymentState, 'RequireProgressBy'> | undefined {
  if (state.RequireProgressBy === ZERO_TIME) return undefined;
  return { RequireProgressBy: progressBy(state, deployment.PausedAtMs ?? nowMs) };
}
