/** What people ask of a deployment that has not ended: fail, pause, resume, promote, judge its instances by hand. */
import { SerinError } from '../lib/errors.ts';
import { type Deployment, DeploymentDescriptions, isDeploymentActive } from '../model/deployment.ts';
import { renderErrors } from '../model/error-tree.ts';
import type { Job } from '../model/job.ts';
import { timestampOf, ZERO_TIME } from '../model/nanos.ts';
import type { ReadTx, WriteTx } from '../state/types.ts';
import { judgeAlloc } from './alloc-updates.ts';
import { failDeployment } from './deployment-watcher.ts';
import { weighted } from './deployment-weight.ts';
import { newEvaluation } from './evaluations.ts';
import type { JobContext } from './job-operations.ts';
import type { AllocHealthRequest, DeploymentResult } from './operations.ts';
import { promote, promotionProblem, runningWords } from './promotion.ts';

export async function failByUser(context: JobContext, deploymentId: string): Promise<DeploymentResult> {
  const { index, result } = await context.state.update((tx) => {
    const { deployment, job } = activeOrRefuse(tx, deploymentId, "can't fail terminal deployment");
    const { revertedTo } = failDeployment(tx, deployment, job, {
      description: DeploymentDescriptions.failedByUser,
      autoRevert: Object.values(deployment.TaskGroups).some((group) => group.AutoRevert),
      nowMs: context.clock.nowMs(),
    });
    return { evalId: evaluate(tx, context, deployment, job), revertedTo };
  });
  return resultOf(index, result.evalId, result.revertedTo);
}

/** No instance is moved to the version until somebody resumes; the clock of the deadline stands still. */
export async function pauseDeployment(context: JobContext, deploymentId: string): Promise<DeploymentResult> {
  const { index } = await context.state.update((tx) => {
    const { deployment } = activeOrRefuse(tx, deploymentId, "can't pause terminal deployment");
    if (deployment.Status === 'paused') return;
    const nowMs = context.clock.nowMs();
    tx.putDeployment({
      ...deployment,
      Status: 'paused',
      StatusDescription: DeploymentDescriptions.paused,
      PausedAtMs: nowMs,
      ModifyTimeMs: nowMs,
    });
  });
  return resultOf(index);
}

/** Evaluates by itself: what became healthy during the pause has told nobody. */
export async function resumeDeployment(context: JobContext, deploymentId: string): Promise<DeploymentResult> {
  const { index, result } = await context.state.update((tx) => {
    const { deployment, job } = activeOrRefuse(tx, deploymentId, "can't resume terminal deployment");
    if (deployment.Status === 'paused') tx.putDeployment(resumed(deployment, context.clock.nowMs()));
    return evaluate(tx, context, deployment, job);
  });
  return resultOf(index, result);
}

function resumed({ PausedAtMs, ...deployment }: Deployment, nowMs: number): Deployment {
  const pausedMs = nowMs - (PausedAtMs ?? nowMs);
  const groups = Object.entries(deployment.TaskGroups).map(([name, state]) => {
    if (state.RequireProgressBy === ZERO_TIME) return [name, state] as const;
    return [
      name,
      { ...state, RequireProgressBy: timestampOf(Date.parse(state.RequireProgressBy) + pausedMs) },
    ] as const;
  });
  const StatusDescription = runningWords(deployment);
  const TaskGroups = Object.fromEntries(groups);
  return { ...deployment, Status: 'running', StatusDescription, TaskGroups, ModifyTimeMs: nowMs };
}

/** All groups, or those that are named; refused, saying why, while a canary of one of them is not healthy. */
export async function promoteDeployment(
  context: JobContext,
  deploymentId: string,
  only?: readonly string[],
): Promise<DeploymentResult> {
  const { index, result } = await context.state.update((tx) => {
    const { deployment, job } = activeOrRefuse(tx, deploymentId, "can't promote terminal deployment");
    const groups = Object.keys(deployment.TaskGroups).filter((name) => only?.includes(name) ?? true);
    refuseUnhealthy(tx, deployment, groups);
    promote(tx, deployment, { groups, nowMs: context.clock.nowMs(), newId: context.newId });
    return evaluate(tx, context, deployment, job);
  });
  return resultOf(index, result);
}

function refuseUnhealthy(tx: ReadTx, deployment: Deployment, groups: readonly string[]): void {
  const allocs = tx.allocsByDeployment(deployment.ID);
  const problems = groups.flatMap((name) => promotionProblem(name, deployment.TaskGroups[name]!, allocs) ?? []);
  if (problems.length === 0) return;
  const children = problems.map((message) => ({ message, children: [] }));
  throw new SerinError('refused', renderErrors({ message: '', children }));
}

/** What the canaries get of all requests, as a percentage; the traffic moves with the transaction. */
export async function weighDeployment(
  context: JobContext,
  deploymentId: string,
  percent: number,
  groups: readonly string[],
): Promise<DeploymentResult> {
  const { index } = await context.state.update((tx) => {
    const { deployment } = activeOrRefuse(tx, deploymentId, "can't change the weight of a terminal deployment");
    tx.putDeployment(weighted(deployment, percent, groups, context.clock.nowMs()));
  });
  return resultOf(index);
}

/** Only deployments over several regions are ever blocked, and those there are none of. */
export async function unblockDeployment(context: JobContext, deploymentId: string): Promise<DeploymentResult> {
  return context.state.view((tx) => {
    activeOrRefuse(tx, deploymentId, "can't unblock terminal deployment");
    throw new SerinError('refused', "can't unblock deployment: it is not blocked, as only multi-region ones can be");
  });
}

/** A person, or a machine of theirs, judges instances: the way of `health_check = "manual"`. */
export async function setAllocHealth(context: JobContext, request: AllocHealthRequest): Promise<DeploymentResult> {
  const { deploymentId, healthy, unhealthy } = request;
  if (healthy.length + unhealthy.length === 0) {
    throw new SerinError('refused', 'must specify at least one healthy/unhealthy allocation ID');
  }
  const { index, result } = await context.state.update((tx) => {
    const terminal = "can't set health of allocations for a terminal deployment";
    const { deployment, job } = activeOrRefuse(tx, deploymentId, terminal);
    for (const id of healthy) judge(tx, context, deploymentId, id, true);
    for (const id of unhealthy) judge(tx, context, deploymentId, id, false);
    return evaluate(tx, context, deployment, job);
  });
  return resultOf(index, result);
}

function judge(tx: WriteTx, { clock }: JobContext, deploymentId: string, allocId: string, healthy: boolean): void {
  const alloc = tx.alloc(allocId);
  if (!alloc) throw new SerinError('lookupFailed', `unknown alloc "${allocId}"`);
  if (alloc.DeploymentID !== deploymentId) {
    throw new SerinError('refused', `alloc "${allocId}" is not part of deployment "${deploymentId}"`);
  }
  judgeAlloc(tx, alloc, healthy, clock.nowMs());
}

function activeOrRefuse(
  tx: ReadTx,
  deploymentId: string,
  refusal: string,
): { readonly deployment: Deployment; readonly job: Job } {
  const deployment = tx.deployment(deploymentId);
  if (!deployment) throw new SerinError('notFound', 'deployment not found');
  const job = tx.job(deployment.Namespace, deployment.JobID);
  if (!isDeploymentActive(deployment) || !job) throw new SerinError('refused', refusal);
  return { deployment, job };
}

function evaluate(tx: WriteTx, { clock, newId }: JobContext, deployment: Deployment, job: Job): string {
  const nowMs = clock.nowMs();
  const evaluation = newEvaluation(job, {
    trigger: 'deployment-watcher',
    nowMs,
    newId,
    deploymentId: deployment.ID,
  });
  tx.putEvaluation(evaluation);
  return evaluation.ID;
}

function resultOf(index: number, evalId = '', revertedTo?: number): DeploymentResult {
  return {
    EvalID: evalId,
    EvalCreateIndex: evalId === '' ? 0 : index,
    DeploymentModifyIndex: index,
    RevertedJobVersion: revertedTo ?? null,
    Index: index,
  };
}
