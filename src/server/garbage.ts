/** Forgets what has ended long ago: evaluations, allocations, deployments, dead jobs, nodes that are gone. */
import { isClientTerminal } from '../model/allocation.ts';
import { type Deployment, isDeploymentActive } from '../model/deployment.ts';
import type { Job } from '../model/job.ts';
import { MILLISECOND, type Nanos } from '../model/nanos.ts';
import type { ReadTx, WriteTx } from '../state/types.ts';

export interface GarbageThresholds {
  readonly evalMs: number;
  readonly jobMs: number;
  readonly deploymentMs: number;
  readonly nodeMs: number;
}

const HOUR_MS = 3600_000;
export const DEFAULT_THRESHOLDS: GarbageThresholds = {
  evalMs: HOUR_MS,
  jobMs: 4 * HOUR_MS,
  deploymentMs: HOUR_MS,
  nodeMs: 24 * HOUR_MS,
};
/** Everything that has ended, at once: `system gc`. */
export const COLLECT_ALL: GarbageThresholds = { evalMs: 0, jobMs: 0, deploymentMs: 0, nodeMs: 0 };

/** A transaction deletes at most this many rows; the next run takes the rest. */
const AT_ONCE = 2000;

export interface Garbage {
  readonly evals: string[];
  readonly allocs: string[];
  readonly deployments: string[];
  readonly jobs: readonly { readonly namespace: string; readonly id: string }[];
  readonly nodes: string[];
}

/** What may be forgotten now. An allocation goes with its evaluation, unless something still points at it. */
export function findGarbage(tx: ReadTx, thresholds: GarbageThresholds, nowMs: number): Garbage {
  const endedBefore = (nanos: Nanos, ageMs: number) => nanos / MILLISECOND + ageMs <= nowMs;
  return {
    evals: oldEvals(tx, (nanos) => endedBefore(nanos, thresholds.evalMs)),
    allocs: oldAllocs(tx, (nanos) => endedBefore(nanos, thresholds.evalMs)),
    deployments: oldDeployments(tx, (ms) => ms + thresholds.deploymentMs <= nowMs, nowMs),
    jobs: oldJobs(tx, (nanos) => endedBefore(nanos, thresholds.jobMs)),
    nodes: oldNodes(tx, (seconds) => seconds * 1000 + thresholds.nodeMs <= nowMs),
  };
}

type IsOld = (time: number) => boolean;

function oldAllocs(tx: ReadTx, isOld: IsOld): string[] {
  return [...tx.allocs()]
    .filter((alloc) => isClientTerminal(alloc) && (alloc.DesiredStatus !== 'run' || isJobGone(tx, alloc)))
    .filter((alloc) => isOld(alloc.ModifyTime))
    .map((alloc) => alloc.ID)
    .slice(0, AT_ONCE);
}

function oldEvals(tx: ReadTx, isOld: IsOld): string[] {
  return [...tx.evaluations()]
    .filter((evaluation) => evaluation.Status !== 'pending' && evaluation.Status !== 'blocked')
    .filter((evaluation) => isOld(evaluation.ModifyTime))
    .filter((evaluation) => tx.allocsByEval(evaluation.ID).every(isClientTerminal))
    .map((evaluation) => evaluation.ID)
    .slice(0, AT_ONCE);
}

/** One whose old set is kept warm is what the status tells about that set. */
function oldDeployments(tx: ReadTx, isOld: IsOld, nowMs: number): string[] {
  const isWarm = ({ TaskGroups }: Deployment) =>
    Object.values(TaskGroups).some(({ WarmUntilMs = 0 }) => WarmUntilMs > nowMs);
  return [...tx.deployments()]
    .filter((deployment) => !isDeploymentActive(deployment) && isOld(deployment.ModifyTimeMs))
    .filter((deployment) => !isWarm(deployment))
    .filter((deployment) => !isTelling(tx, deployment))
    .filter((deployment) => tx.allocsByDeployment(deployment.ID).every(isClientTerminal))
    .map((deployment) => deployment.ID)
    .slice(0, AT_ONCE);
}

/** The latest of a job, and the latest that failed: who asks in the morning why it went back at night finds the evidence. */
function isTelling(tx: ReadTx, { Namespace, JobID, ID }: Deployment): boolean {
  if (tx.job(Namespace, JobID) === undefined) return false;
  const newestFirst = tx.deploymentsByJob(Namespace, JobID);
  return newestFirst[0]?.ID === ID || newestFirst.find(({ Status }) => Status === 'failed')?.ID === ID;
}

/** Whoever named a version wants to come back to it: such a job goes by a purge alone. */
function oldJobs(tx: ReadTx, isOld: IsOld): Garbage['jobs'] {
  return [...tx.jobs()]
    .filter((job) => job.Status === 'dead' && (job.Stop || job.Type === 'batch'))
    .filter((job) => !tx.jobVersions(job.Namespace, job.ID).some((version) => version.VersionTag))
    .filter((job) => isOld(lastMoved(tx, job)) && tx.allocsByJob(job.Namespace, job.ID).every(isClientTerminal))
    .map((job) => ({ namespace: job.Namespace, id: job.ID }));
}

/** A job that ran for a day has not ended when it was submitted: what its instances did last counts. */
function lastMoved(tx: ReadTx, job: Job): Nanos {
  const times = tx.allocsByJob(job.Namespace, job.ID).map((alloc) => alloc.ModifyTime);
  return times.reduce((latest, time) => Math.max(latest, time), job.SubmitTime);
}

function oldNodes(tx: ReadTx, isOld: IsOld): string[] {
  return tx
    .nodes()
    .filter((node) => node.Status === 'down' && isOld(node.StatusUpdatedAt))
    .filter((node) => tx.allocsByNode(node.ID).every(isClientTerminal))
    .map((node) => node.ID);
}

export const isEmpty = (garbage: Garbage): boolean => Object.values(garbage).every((rows) => rows.length === 0);

export function collect(tx: WriteTx, garbage: Garbage): void {
  for (const id of garbage.allocs) tx.deleteAlloc(id);
  for (const id of garbage.evals) tx.deleteEvaluation(id);
  for (const id of garbage.deployments) tx.deleteDeployment(id);
  for (const job of garbage.jobs) tx.deleteJob(job.namespace, job.id);
  for (const id of garbage.nodes) tx.deleteNode(id);
}

const isJobGone = (tx: ReadTx, alloc: { readonly Namespace: string; readonly JobID: string }): boolean =>
  tx.job(alloc.Namespace, alloc.JobID)?.Stop ?? true;
