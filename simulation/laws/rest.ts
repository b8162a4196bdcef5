/** The laws of a world at rest: whoever waits says for what, and in the end the newest version is there. */
import { type Allocation, isClientTerminal } from '../../src/model/allocation.ts';
import { type Deployment, type DeploymentBlocker, isDeploymentActive } from '../../src/model/deployment.ts';
import { findGroup, type Job, type TaskGroup } from '../../src/model/job.ts';
import { MILLISECOND } from '../../src/model/nanos.ts';
import { deploymentBlocker } from '../../src/server/deployment-blocker.ts';
import type { ReadTx } from '../../src/state/types.ts';
import { isBeingEvaluated } from './counts.ts';
import { listInWords } from './instances.ts';
import type { Verdicts } from './laws.ts';

/** A timer may be late by what a loop takes to come round. */
const LATE_MS = 2000;
/** What a node may take to start an instance, to be found lost, and to be heard, on top of its healthy_deadline. */
const NODE_MS = 30_000;

/** When nothing is under way: whoever still waits must wait for somebody, or for a timer. */
export function checkRest(verdicts: Verdicts, tx: ReadTx, nowMs: number): void {
  for (const deployment of tx.deployments()) {
    const { Namespace, JobID, JobVersion } = deployment;
    if (!isDeploymentActive(deployment) || isBeingEvaluated(tx, { Namespace, ID: JobID }, nowMs)) continue;
    const job = tx.jobVersion(Namespace, JobID, JobVersion);
    const allocs = tx.allocsByJob(Namespace, JobID);
    const evaluations = tx.evaluationsByJob(Namespace, JobID);
    const blocker = deploymentBlocker({ deployment, job, allocs, evaluations, nowMs });
    const problem = problemOf(deployment, job, allocs, blocker, nowMs);
    verdicts.check('blocker', problem === undefined, () => `deployment of version ${JobVersion} ${problem}`);
  }
}

function problemOf(
  deployment: Deployment,
  job: Job | undefined,
  allocs: readonly Allocation[],
  blocker: DeploymentBlocker | undefined,
  nowMs: number,
): string | undefined {
  if (!blocker) return 'names nothing that it waits for';
  if (blocker.Reason === 'person') return undefined;
  if (blocker.Reason === 'scheduler') return 'waits for a scheduler that has nothing to do';
  if (blocker.UntilMs !== undefined) {
    const isOver = blocker.UntilMs < nowMs - LATE_MS;
    return isOver ? `waits for a timer that is over: ${blocker.Message}` : undefined;
  }
  if (blocker.Reason !== 'health') return undefined;
  const unjudged = allocs.filter(
    (alloc) => alloc.DeploymentID === deployment.ID && alloc.DesiredStatus === 'run' && !isClientTerminal(alloc),
  );
  const isTimed = unjudged.some((alloc) => isJudgedSoon(alloc, job && findGroup(job, alloc.TaskGroup), nowMs));
  return isTimed ? undefined : `waits for health without a timer: ${blocker.Message}`;
}

/** Without a progress deadline it is its node's timer that ends the wait: healthy_deadline. */
function isJudgedSoon(alloc: Allocation, group: TaskGroup | undefined, nowMs: number): boolean {
  if (alloc.DeploymentStatus?.Healthy !== null && alloc.DeploymentStatus?.Healthy !== undefined) return false;
  if (!group?.Update || group.Update.HealthCheck === 'manual') return false;
  const changedMs = alloc.ModifyTime / MILLISECOND;
  return nowMs < changedMs + group.Update.HealthyDeadline / MILLISECOND + NODE_MS;
}

/** When all faults have ended and the world has had its time. */
export function checkEnd(verdicts: Verdicts, tx: ReadTx, job: Job): void {
  const problem = unsettled(tx, job);
  verdicts.check('converges', problem === undefined, () => problem ?? '');
}

/** What is not yet as it should be; undefined: the world has come to rest in the right place. */
export function unsettled(tx: ReadTx, job: Job): string | undefined {
  const deployments = tx.deploymentsByJob(job.Namespace, job.ID);
  const active = deployments.find(isDeploymentActive);
  if (active) return `deployment of version ${active.JobVersion} is still ${active.Status}`;
  const [newest] = deployments;
  if (newest?.Status === 'failed' && newest.JobVersion === job.Version) {
    return newest.StatusDescription === '' ? 'the deployment failed without a reason' : undefined;
  }
  for (const group of job.TaskGroups) {
    const there = tx
      .allocsByJob(job.Namespace, job.ID)
      .filter((alloc) => alloc.TaskGroup === group.Name && !isClientTerminal(alloc));
    const right = there.filter(
      (alloc) => alloc.DesiredStatus === 'run' && alloc.JobVersion === job.Version && alloc.ClientStatus === 'running',
    );
    if (right.length === group.Count && there.length === group.Count) continue;
    return `group ${group.Name}: ${right.length} of ${group.Count} run version ${job.Version}, ${there.length} in all: ${listInWords(there)}`;
  }
  return undefined;
}
