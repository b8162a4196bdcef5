/** A deployment as it is shown: the wire's object, and while it has not ended, what it waits for. */
import type { Deployment } from '../../model/deployment.ts';
import { deploymentView } from '../../model/deployment-view.ts';
import { deploymentBlocker } from '../../server/deployment-blocker.ts';
import type { ReadTx } from '../../state/types.ts';
import type { HttpDeps } from '../deps.ts';

export function deploymentAnswer(
  tx: ReadTx,
  { clock, traffic }: Pick<HttpDeps, 'clock' | 'traffic'>,
  deployment: Deployment,
): object {
  const { Namespace, JobID, JobVersion } = deployment;
  const blocker = deploymentBlocker({
    deployment,
    job: tx.jobVersion(Namespace, JobID, JobVersion),
    allocs: tx.allocsByJob(Namespace, JobID),
    evaluations: tx.evaluationsByJob(Namespace, JobID),
    ingresses: traffic?.reports().map(({ report }) => report) ?? [],
    nowMs: clock.nowMs(),
  });
  return deploymentView(deployment, blocker);
}
