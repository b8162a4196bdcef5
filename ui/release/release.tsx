import type { DeploymentView } from '../../src/api/views.ts';
import { Badge } from '../kit/badge.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { deploymentTone } from '../kit/words.ts';

export function Release({ deployment }: { readonly deployment: DeploymentView }) {
  return (
    <PageHead
      title={`${deployment.JobID} version ${deployment.JobVersion}`}
      about={<Badge tone={deploymentTone[deployment.Status]}>{deployment.Status}</Badge>}
    />
  );
}
