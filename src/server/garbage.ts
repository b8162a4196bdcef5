/** Forgets what has ended long ago: evaluations, allocations, deployments, dead jobs, nodes that are gone. */
import { isClientTerminal } from '../model/allocation.ts';
import { isDeploymentActive } from '../model/deployment.ts';
import { MILLISECOND } from '../model/nanos.ts';
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
  readonly jobs: { readonly namespace: string; readonly id: string }[];
  readonly nodes: string[];
}

/** What may be forgotten now. An allocation goes with its evaluation, unless something still points at it. */
export function findGarbage(tx: ReadTx, thresholds: GarbageThresholds, nowMs: number): Garbage {
  const endedBefore = (nanos: number, ageMs: number) => nanos / MILLISECOND + ageMs <= nowMs;
  const allocs = [...tx.allocs()]
    .filter((alloc) => isClientTerminal(alloc) && (alloc.DesiredStatus !== 'run' || isJobGone(tx, alloc)))
    .filter((alloc) => endedBefore(alloc.ModifyTime, thresholds.evalMs))
    .map((alloc) => alloc.ID)
    .slice(0, AT_ONCE);
  const evals = [...tx.evaluations()]
    .filter((evaluation) => evaluation.Status !== 'pending' && evaluation.Status !== 'blocked')
    .filter((evaluation) => endedBefore(evaluation.ModifyTime, thresholds.evalMs))
    .filter((evaluation) => tx.allocsByEval(evaluation.ID).every(isClientTerminal))
    .map((evaluation) => evaluation.ID)
    .slice(0, AT_ONCE);
  const deployments = [...tx.deployments()]
    .filter(
      (deployment) => !isDeploymentActive(deployment) && deployment.ModifyTimeMs + thresholds.deploymentMs <= nowMs,
    )
    .filter(
      (deployment) =>
        tx.deploymentsByJob(deployment.Namespace, deployment.JobID)[0]?.ID !== deployment.ID ||
        !tx.job(deployment.Namespace, deployment.JobID),
    )
    .filter((deployment) => tx.allocsByDeployment(deployment.ID).every(isClientTerminal))
    .map((deployment) => deployment.ID)
    .slice(0, AT_ONCE);
  const jobs = [...tx.jobs()]
    .filter(
      (job) =>
        job.Status === 'dead' && (job.Stop || job.Type === 'batch') && endedBefore(job.SubmitTime, thresholds.jobMs),
    )
    .filter((job) => tx.allocsByJob(job.Namespace, job.ID).every(isClientTerminal))
    .map((job) => ({ namespace: job.Namespace, id: job.ID }));
  const nodes = tx
    .nodes()
    .filter((node) => node.Status === 'down' && node.StatusUpdatedAt * 1000 + thresholds.nodeMs <= nowMs)
    .filter((node) => tx.allocsByNode(node.ID).every(isClientTerminal))
    .map((node) => node.ID);
  return { evals, allocs, deployments, jobs, nodes };
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
