/** A committed transaction in words, one line a change: how a failing seed is read. */
import type { Allocation } from '../src/model/allocation.ts';
import type { Deployment } from '../src/model/deployment.ts';
import type { Evaluation } from '../src/model/evaluation.ts';
import type { Change, CommittedTransaction } from '../src/state/types.ts';

export function traceOf({ index, changes }: CommittedTransaction): string[] {
  return changes
    .map((change) => inWords(change))
    .filter((line) => line !== undefined)
    .map((line) => `#${index} ${line}`);
}

function inWords({ table, before, after }: Change): string | undefined {
  if (after === undefined) return undefined;
  if (table === 'allocs') return allocInWords(before as Allocation | undefined, after as Allocation);
  if (table === 'evals') {
    const { ID, TriggeredBy, Status } = after as Evaluation;
    return `eval ${ID.slice(0, 8)} (${TriggeredBy}) ${Status}`;
  }
  if (table !== 'deployments') return undefined;
  const { ID, JobVersion, Status, TaskGroups } = after as Deployment;
  const counts = Object.values(TaskGroups).map(
    (group) =>
      `${group.HealthyAllocs} healthy, ${group.UnhealthyAllocs} unhealthy, ${group.PlacedAllocs} placed of ${group.DesiredTotal}`,
  );
  return `deployment ${ID.slice(0, 8)} v${JobVersion} ${Status}: ${counts.join('; ')}`;
}

function allocInWords(before: Allocation | undefined, after: Allocation): string {
  const services = (after.Services ?? []).map((service) => service.Status).join();
  const traffic = after.Traffic ? ` ready ${after.Traffic.Ready} drained ${after.Traffic.Drained}` : '';
  const what = before ? '' : ` placed on ${after.NodeName} after ${after.PreviousAllocation.slice(0, 8) || 'nobody'}`;
  return `${after.Name} ${after.ID.slice(0, 8)} v${after.JobVersion}${what} ${after.DesiredStatus}/${after.ClientStatus} ${services} healthy ${after.DeploymentStatus?.Healthy}${traffic} ${after.DesiredDescription}`;
}
