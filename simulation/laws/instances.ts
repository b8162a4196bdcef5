/** What the laws call serving, wanted and waiting, and how they name an instance. */
import { type Allocation, isClientTerminal } from '../../src/model/allocation.ts';
import type { Deployment, DeploymentState } from '../../src/model/deployment.ts';
import { groupServices } from '../../src/model/ingress-services.ts';
import type { Job, TaskGroup } from '../../src/model/job.ts';
import type { CommittedTransaction, ReadTx } from '../../src/state/types.ts';

export const isWanted = (alloc: Allocation): boolean => alloc.DesiredStatus === 'run' && !isClientTerminal(alloc);

/** Its node is lost and its group waits for it. */
export const isAway = (alloc: Allocation): boolean => alloc.Disconnected !== undefined;

/** Its node was lost in the same step: nothing is taken away that is there. */
export const isForgotten = (alloc: Allocation): boolean => alloc.ClientStatus === 'lost';

/** Running, and nothing says that it is not well: neither a verdict nor a check. What rests or is away serves nobody. */
export const isServing = (alloc: Allocation): boolean =>
  !isResting(alloc) &&
  !isAway(alloc) &&
  alloc.ClientStatus === 'running' &&
  (alloc.Services ?? []).every((service) => service.Status === 'passing') &&
  alloc.DeploymentStatus?.Healthy !== false;

export function wantedOf(tx: ReadTx, of: Allocation): Allocation[] {
  return tx.allocsByJob(of.Namespace, of.JobID).filter((alloc) => alloc.TaskGroup === of.TaskGroup && isWanted(alloc));
}

/** The group and those that have a service with it in common: one backend to the traffic. */
export function kinOf(job: Job, group: TaskGroup): TaskGroup[] {
  const names = new Set(groupServices(group).map((service) => service.Name));
  return job.TaskGroups.filter((other) => groupServices(other).some((service) => names.has(service.Name)));
}

/** A canary, and nobody has promoted it. */
export function awaitsPromotion(tx: ReadTx, alloc: Allocation): boolean {
  const state = stateOf(tx, alloc)?.state;
  return alloc.DeploymentStatus?.Canary === true && state?.Promoted !== true;
}

/** The deployment of an instance, and what it says of the instance's group. */
export function stateOf(tx: ReadTx, alloc: Allocation): { deployment: Deployment; state: DeploymentState } | undefined {
  const deployment = alloc.DeploymentID === '' ? undefined : tx.deployment(alloc.DeploymentID);
  const state = deployment?.TaskGroups[alloc.TaskGroup];
  return deployment && state && { deployment, state };
}

/** The canaries are a whole second set that gets nothing before its promotion; a weight that somebody wrote wins. */
export const isBlueGreen = (state: DeploymentState): boolean =>
  state.IsBlueGreen === true && (state.CanaryWeight ?? 0) === 0;

/** Of the old set of a promoted blue/green: it runs on, and gets nothing. */
export const isResting = (alloc: Allocation): boolean => alloc.RestsUntilMs !== undefined;

/** The rows of a table that a transaction changed, before and after. */
export function changesOf<Row>(
  { changes }: CommittedTransaction,
  table: CommittedTransaction['changes'][number]['table'],
): [Row | undefined, Row | undefined][] {
  return changes
    .filter((change) => change.table === table)
    .map((change) => [change.before as Row | undefined, change.after as Row | undefined]);
}

/** "web.app[0] v3 running, healthy" */
export function inWords(alloc: Allocation): string {
  const healthy = alloc.DeploymentStatus?.Healthy;
  const verdict = healthy === undefined || healthy === null ? 'not judged' : healthy ? 'healthy' : 'unhealthy';
  const canary = alloc.DeploymentStatus?.Canary ? ' (canary)' : '';
  return `${alloc.Name} v${alloc.JobVersion}${canary} ${alloc.ClientStatus}${isServing(alloc) ? '' : ' (not serving)'}, ${verdict}`;
}

export const listInWords = (allocs: readonly Allocation[]): string => allocs.map(inWords).join('; ') || 'none';
