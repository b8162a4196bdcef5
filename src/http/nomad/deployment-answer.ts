/** A deployment as it is shown: the wire's object, and while it has not ended, what it waits for. */
import type { Clock } from '../../lib/clock.ts';
import type { Deployment } from '../../model/deployment.ts';
import { deploymentView } from '../../model/deployment-view.ts';
import { deploymentBlocker } from '../../server/deployment-blocker.ts';
import type { ReadTx } from '../../state/types.ts';

export function deploymentAnswer(tx: ReadTx, clock: Clock, deployment: Deployment): object {
  const { Namespace, JobID, JobVersion } = deployment;
  const blocker = deploymentBlocker({
    deployment,
    job: tx.jobVersion(Namespace, JobID, JobVersion),
    allocs: tx.allocsByJob(Namespace, JobID),
    evaluations: tx.evaluationsByJob(Namespace, JobID),
    nowMs: clock.nowMs(),
  });
  return deploymentView(deployment, blocker);
}
