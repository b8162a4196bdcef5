/** What drains, read from the state: for every group with instances on draining nodes, the pools of its instances. */
import type { Allocation } from '../model/allocation.ts';
import { isClientTerminal } from '../model/allocation.ts';
import type { DeploymentState } from '../model/deployment.ts';
import { findGroup, isStopped, type Job } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import type { ReadTx } from '../state/types.ts';
import { DEFAULT_MIGRATE, type DrainPool, mustGo } from './drain-decision.ts';
import { jobKey } from './evaluations.ts';

/**
 * stable: takes the group's requests · canaries: nobody has promoted them, they stand beside a whole stable set ·
 * resting: what a promotion has replaced and keeps warm; it takes no requests, so all of it may go at once.
 */
export type PoolKind = 'stable' | 'canaries' | 'resting';

export interface DrainingPool extends DrainPool {
  readonly kind: PoolKind;
}

export function drainingPools(tx: ReadTx, nodes: readonly Node[]): DrainingPool[] {
  const drained = nodes.flatMap((node) => tx.allocsByNode(node.ID).filter((alloc) => drains(tx, node, alloc)));
  const jobs = new Map(drained.map((alloc) => [jobKey(alloc), alloc]));
  return [...jobs.values()].flatMap((alloc) => poolsOfJob(tx, alloc, drained));
}

function drains(tx: ReadTx, node: Node, alloc: Allocation): boolean {
  return !isClientTerminal(alloc) && mustGo(node, jobOf(tx, alloc)?.Type);
}

const jobOf = (tx: ReadTx, { Namespace, JobID, JobVersion }: Allocation): Job | undefined =>
  tx.job(Namespace, JobID) ?? tx.jobVersion(Namespace, JobID, JobVersion);

function poolsOfJob(tx: ReadTx, of: Allocation, drained: readonly Allocation[]): DrainingPool[] {
  const { Namespace, JobID } = of;
  const key = jobKey(of);
  const groups = new Set(drained.filter((alloc) => jobKey(alloc) === key).map((alloc) => alloc.TaskGroup));
  const job = jobOf(tx, of);
  const all = tx.allocsByJob(Namespace, JobID);
  const deployment = tx.deploymentsByJob(Namespace, JobID).find(({ JobVersion }) => JobVersion === job?.Version);
  return [...groups].flatMap((group) =>
    poolsOfGroup(
      { job, group, of, state: deployment?.TaskGroups[group] },
      all.filter((alloc) => alloc.TaskGroup === group),
    ),
  );
}

interface GroupOfJob {
  readonly job: Job | undefined;
  readonly group: string;
  readonly of: Allocation;
  /** Of the deployment of the version that the job has now, ended or not. */
  readonly state: DeploymentState | undefined;
}

function poolsOfGroup({ job, group: name, of, state }: GroupOfJob, allocs: readonly Allocation[]): DrainingPool[] {
  const group = job && !isStopped(job) ? findGroup(job, name) : undefined;
  const shared = {
    namespace: of.Namespace,
    jobId: of.JobID,
    group: name,
    isBatch: job?.Type === 'batch',
    migrate: group?.Migrate ?? DEFAULT_MIGRATE,
  };
  const counts = countsOf(group?.Count ?? 0, state);
  const kinds = new Map(allocs.map((alloc) => [alloc, kindOf(alloc)]));
  return [...new Set(kinds.values())].map((kind) => ({
    ...shared,
    kind,
    count: counts[kind],
    allocs: allocs.filter((alloc) => kinds.get(alloc) === kind),
  }));
}

function kindOf(alloc: Allocation): PoolKind {
  if (alloc.RestsUntilMs !== undefined) return 'resting';
  return alloc.DeploymentStatus?.Canary === true ? 'canaries' : 'stable';
}

/** While canaries wait, and where they failed, the old set keeps the size that it had. */
function countsOf(count: number, state: DeploymentState | undefined): Readonly<Record<PoolKind, number>> {
  if (!awaits(state)) return { stable: count, canaries: 0, resting: 0 };
  return { stable: state?.BaseCount ?? count, canaries: state?.DesiredCanaries ?? 0, resting: 0 };
}

const awaits = (state: DeploymentState | undefined): boolean =>
  state !== undefined && !state.Promoted && state.DesiredCanaries > 0;
