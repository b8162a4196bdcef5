/** What a deployment keeps of its bad end: the typed reason, what it still waited for, and the evidence. */
import { type BlockerReason, type Deployment, failureOf } from '../model/deployment.ts';
import type { ReadTx } from '../state/types.ts';
import { deploymentBlocker } from './deployment-blocker.ts';
import { deploymentEvidence } from './deployment-evidence.ts';
import type { IngressSaying } from './instance-state.ts';

/** What instances waited for themselves is told of each of them; the scheduler never keeps anybody waiting. */
const TOLD_BY_EVIDENCE: readonly BlockerReason[] = ['health', 'retry', 'scheduler'];

/** To be put into the deployment with its end; looked at before that, while it still waits. */
export function failureFields(
  tx: ReadTx,
  deployment: Deployment,
  end: { readonly description: string; readonly nowMs: number; readonly ingresses?: readonly IngressSaying[] },
): Pick<Deployment, 'Failure' | 'FailureDetail' | 'Evidence'> {
  const { Namespace, JobID, JobVersion } = deployment;
  const situation = {
    deployment,
    job: tx.jobVersion(Namespace, JobID, JobVersion),
    allocs: tx.allocsByJob(Namespace, JobID),
    evaluations: tx.evaluationsByJob(Namespace, JobID),
    ingresses: end.ingresses ?? [],
    nowMs: end.nowMs,
  };
  const failure = failureOf(end.description);
  const blocker = failure === 'progress-deadline' ? deploymentBlocker(situation) : undefined;
  const detail = blocker && !TOLD_BY_EVIDENCE.includes(blocker.Reason) ? blocker.Message : undefined;
  const evidence = deploymentEvidence(situation);
  return {
    ...(failure && { Failure: failure }),
    ...(detail !== undefined && { FailureDetail: detail }),
    ...(evidence.length > 0 && { Evidence: evidence }),
  };
}
