/**
 * The laws of an update. Each looks at the world after a committed transaction, at a kill, or at the end, and says in
 * a sentence what is broken. They know nothing of how the scheduler decides.
 */
import { type Allocation, isClientTerminal } from '../src/model/allocation.ts';
import { isDeploymentActive } from '../src/model/deployment.ts';
import { hasIngress } from '../src/model/ingress-services.ts';
import { findGroup, type Job, type TaskGroup } from '../src/model/job.ts';
import { deploymentBlocker } from '../src/server/deployment-blocker.ts';
import type { CommittedTransaction, ReadTx } from '../src/state/types.ts';
import type { World } from './world.ts';

export const LAWS = {
  floor: 'an update stops no healthy instance below count − max_parallel, nor the last one behind an ingress',
  ceiling: 'never more wanted instances than count + max_parallel',
  drain: 'no instance is killed while traffic can reach it, before its drain deadline',
  blocker: 'a deployment that has not ended has a timer that ends it or a named blocker',
  room: 'no node is over its capacity and no port is given twice',
  acknowledged: 'nothing acknowledged is lost',
  converges: 'when faults end, the newest version runs in full, or its deployment has failed with a reason',
} as const;
export type Law = keyof typeof LAWS;

export interface Violation {
  readonly law: Law;
  readonly what: string;
  readonly atMs: number;
}

/** After every transaction. */
export function* checkTransaction(tx: ReadTx, transaction: CommittedTransaction): Generator<Omit<Violation, 'atMs'>> {
  const stopped = transaction.changes
    .filter((change) => change.table === 'allocs')
    .map((change) => [change.before, change.after] as [Allocation?, Allocation?]);
  for (const [before, after] of stopped) {
    if (before && after && before.DesiredStatus === 'run' && after.DesiredStatus === 'stop')
      yield* checkFloor(tx, before, after);
  }
  if (stopped.length > 0) yield* checkGroups(tx, stopped);
}

/** When nothing is under way: whoever still waits must wait for somebody, or for a timer. */
export function* checkRest(tx: ReadTx, nowMs: number): Generator<Omit<Violation, 'atMs'>> {
  for (const deployment of tx.deployments()) {
    const { Namespace, JobID, JobVersion, ID } = deployment;
    const evaluations = tx.evaluationsByJob(Namespace, JobID);
    if (!isDeploymentActive(deployment) || evaluations.some((evaluation) => evaluation.Status === 'pending')) continue;
    const job = tx.jobVersion(Namespace, JobID, JobVersion);
    const blocker = deploymentBlocker({
      deployment,
      job,
      allocs: tx.allocsByJob(Namespace, JobID),
      evaluations,
      nowMs,
    });
    if (!blocker) yield { law: 'blocker', what: `deployment ${ID} names nothing that it waits for` };
    else if (blocker.Reason === 'scheduler')
      yield { law: 'blocker', what: `deployment ${ID} waits for a scheduler that has nothing to do` };
    else if (blocker.UntilMs === undefined && blocker.Reason === 'health')
      yield { law: 'blocker', what: `deployment ${ID} waits for health without a timer: ${blocker.Message}` };
  }
}

/** At a kill: `byDeadline` where the drain's deadline ran out. */
export function checkKill(world: World, alloc: Allocation, byDeadline: boolean): Omit<Violation, 'atMs'> | undefined {
  if (byDeadline || alloc.DesiredStatus === 'run') return undefined;
  const reaching = world.ingresses.find((ingress) => ingress.reaches(alloc.ID));
  return (
    reaching && { law: 'drain', what: `${alloc.Name} (${alloc.ID}) is killed while ${reaching.id} still reaches it` }
  );
}

/** When all faults have ended and the world has had its time. */
export function* checkEnd(tx: ReadTx, job: Job): Generator<Omit<Violation, 'atMs'>> {
  const deployments = tx.deploymentsByJob(job.Namespace, job.ID);
  for (const deployment of deployments) {
    if (isDeploymentActive(deployment))
      yield { law: 'converges', what: `deployment of version ${deployment.JobVersion} is still ${deployment.Status}` };
  }
  const hasFailed = deployments[0]?.Status === 'failed';
  if (hasFailed) return;
  for (const group of job.TaskGroups) {
    const running = tx
      .allocsByJob(job.Namespace, job.ID)
      .filter((alloc) => alloc.TaskGroup === group.Name && !isClientTerminal(alloc));
    const right = running.filter(
      (alloc) => alloc.DesiredStatus === 'run' && alloc.JobVersion === job.Version && alloc.ClientStatus === 'running',
    );
    if (right.length !== group.Count || running.length !== group.Count) {
      yield {
        law: 'converges',
        what: `group ${group.Name}: ${right.length} of ${group.Count} run version ${job.Version}, ${running.length} in all: ${running.map((alloc) => `${inWords(alloc)}, wanted to ${alloc.DesiredStatus}`).join('; ')}`,
      };
    }
  }
}

function* checkFloor(tx: ReadTx, before: Allocation, after: Allocation): Generator<Omit<Violation, 'atMs'>> {
  if (after.DesiredDescription !== 'alloc is being updated due to job update' || !isServing(before)) return;
  const job = tx.job(after.Namespace, after.JobID);
  const group = job && findGroup(job, after.TaskGroup);
  if (!group || !job || job.Stop || !group.Update || group.Update.MaxParallel === 0) return;
  const left = wanted(tx, after, group).filter(isServing).length;
  // One that was never found healthy is no loss to the count; but while it is the last that takes requests it stays.
  const ofCount = before.DeploymentStatus?.Healthy === true ? group.Count - group.Update.MaxParallel : 0;
  const last = hasIngress(group) && group.Count > 0 && hasRoomForTwo(group) ? 1 : 0;
  const floor = Math.max(ofCount, last);
  const takenOver = wanted(tx, after, group).some(
    (other) => other.Name === after.Name && other.DeploymentStatus?.Healthy === true,
  );
  if (takenOver) return;
  if (left < floor) {
    const others = wanted(tx, after, group).map(inWords).join(', ');
    yield {
      law: 'floor',
      what: `stopping ${inWords(after)} leaves ${left} healthy of ${group.Count}, max_parallel ${group.Update.MaxParallel}; wanted: ${others || 'none'}`,
    };
  }
}

/** "web.app[0] v3 running, healthy" */
function inWords(alloc: Allocation): string {
  const healthy = alloc.DeploymentStatus?.Healthy;
  const verdict = healthy === undefined || healthy === null ? 'not judged' : healthy ? 'healthy' : 'unhealthy';
  return `${alloc.Name} v${alloc.JobVersion} ${alloc.ClientStatus}${isServing(alloc) ? '' : ' (not serving)'}, ${verdict}`;
}

function* checkGroups(tx: ReadTx, changed: readonly [Allocation?, Allocation?][]): Generator<Omit<Violation, 'atMs'>> {
  const nodes = new Set<string>();
  const groups = new Map<string, Allocation>();
  for (const [before, after] of changed) {
    const row = after ?? before;
    if (!row) continue;
    nodes.add(row.NodeID);
    groups.set(`${row.JobID}/${row.TaskGroup}`, row);
  }
  for (const row of groups.values()) yield* checkCeiling(tx, row);
  for (const id of nodes) yield* checkRoom(tx, id);
}

function* checkCeiling(tx: ReadTx, row: Allocation): Generator<Omit<Violation, 'atMs'>> {
  const job = tx.job(row.Namespace, row.JobID);
  const group = job && findGroup(job, row.TaskGroup);
  // A scale-down is one evaluation behind the registration: the ceiling holds for what the scheduler has seen.
  if (
    !group ||
    !job ||
    tx.evaluationsByJob(row.Namespace, row.JobID).some((evaluation) => evaluation.Status === 'pending')
  )
    return;
  const surge = group.Update?.MaxParallel ?? 0;
  const count = wanted(tx, row, group).length;
  if (count > group.Count + surge)
    yield { law: 'ceiling', what: `group ${group.Name} has ${count} wanted instances of ${group.Count}` };
}

function* checkRoom(tx: ReadTx, nodeId: string): Generator<Omit<Violation, 'atMs'>> {
  const node = tx.node(nodeId);
  if (!node) return;
  const usage = tx.usage(nodeId);
  const awaiting = tx.allocsByNode(nodeId).some((alloc) => alloc.AwaitsPrevious && !isClientTerminal(alloc));
  if (!awaiting && usage.memoryMB > node.NodeResources.Memory.MemoryMB) {
    yield { law: 'room', what: `${node.Name} uses ${usage.memoryMB} MB of ${node.NodeResources.Memory.MemoryMB}` };
  }
  const ports = tx
    .allocsByNode(nodeId)
    .filter((alloc) => !isClientTerminal(alloc) && !alloc.AwaitsPrevious)
    .flatMap((alloc) => alloc.Ports.map((port) => port.Value));
  if (new Set(ports).size < ports.length) yield { law: 'room', what: `${node.Name} gives a port twice` };
}

const wanted = (tx: ReadTx, of: Allocation, group: TaskGroup): Allocation[] =>
  tx
    .allocsByJob(of.Namespace, of.JobID)
    .filter((alloc) => alloc.TaskGroup === group.Name && alloc.DesiredStatus === 'run' && !isClientTerminal(alloc));

const isServing = (alloc: Allocation): boolean =>
  alloc.ClientStatus === 'running' &&
  (alloc.Services ?? []).every((service) => service.Status === 'passing') &&
  alloc.DeploymentStatus?.Healthy !== false;

const hasRoomForTwo = (group: TaskGroup): boolean =>
  (group.Networks ?? []).every((network) => (network.ReservedPorts ?? []).length === 0);
