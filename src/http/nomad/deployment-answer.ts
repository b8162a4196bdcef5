/** A deployment as it is shown: the wire's object, and what it waits for or why it failed. */
import { type Deployment, isDeploymentActive } from '../../model/deployment.ts';
import { deploymentView, explainedDeploymentView } from '../../model/deployment-view.ts';
import { type BlockerSituation, deploymentBlocker } from '../../server/deployment-blocker.ts';
import { deploymentExplanation } from '../../server/deployment-explanation.ts';
import type { ReadTx } from '../../state/types.ts';
import type { HttpDeps } from '../deps.ts';

type Deps = Pick<HttpDeps, 'clock' | 'traffic'>;

/** One of a list: small. */
export function deploymentAnswer(tx: ReadTx, deps: Deps, deployment: Deployment): object {
  return deploymentView(deployment, deploymentBlocker(situationOf(tx, deps, deployment)));
}

/** One alone: with the tree of what it waits for, or the evidence of why it failed. */
export function explainedDeploymentAnswer(tx: ReadTx, deps: Deps, deployment: Deployment): object {
  const traffic = deps.traffic?.ofDeployment?.(deployment.ID);
  if (!isDeploymentActive(deployment)) return explainedDeploymentView(deployment, { traffic });
  const situation = situationOf(tx, deps, deployment);
  return explainedDeploymentView(deployment, {
    blocker: deploymentBlocker(situation),
    explanation: deploymentExplanation(situation),
    traffic,
  });
}

function situationOf(tx: ReadTx, { clock, traffic }: Deps, deployment: Deployment): BlockerSituation {
  const { Namespace, JobID, JobVersion } = deployment;
  return {
    deployment,
    job: tx.jobVersion(Namespace, JobID, JobVersion),
    allocs: tx.allocsByJob(Namespace, JobID),
    evaluations: tx.evaluationsByJob(Namespace, JobID),
    ingresses: traffic?.reports().map(({ report }) => report) ?? [],
    nowMs: clock.nowMs(),
  };
}
