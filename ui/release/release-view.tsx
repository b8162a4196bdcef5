/** A deployment as it happens: who is where, who gets the traffic, what it waits for, and what one can do about it. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Release } from './release.tsx';

const route = getRouteApi('/deployments/$deploymentId');

export function ReleaseView() {
  const { deploymentId } = route.useParams();
  return (
    <Asked
      query={useQuery(queries.deployment(deploymentId))}
      missing={`There is no deployment "${deploymentId}": it may be too old to be kept.`}
    >
      {(deployment) => <Release deployment={deployment} />}
    </Asked>
  );
}
