/** One release on one screen: what it waits for, who gets the traffic, who is where, and what one can do. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import type { DeploymentView } from '../../src/api/views.ts';
import { isDeploymentActive } from '../../src/model/deployment.ts';
import { keys, queries } from '../client/queries.ts';
import { Badge } from '../kit/badge.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { deploymentTone, shortId } from '../kit/words.ts';
import { type Pulse, usePulse } from '../live/pulse.ts';
import { Actions } from './actions.tsx';
import { BlockerPanel } from './blocker-panel.tsx';
import { groupsOf } from './consequences.ts';
import { Evidence } from './evidence.tsx';
import { GroupPanel } from './group-panel.tsx';
import { tilesOf } from './instances.ts';
import './release.css';
import { TrafficPanel } from './traffic-panel.tsx';

export function Release({ deployment }: { readonly deployment: DeploymentView }) {
  const allocations = useQuery(queries.jobAllocations(deployment.JobID));
  const pulse = usePulse(deployment.JobID);
  useFreshFigures(deployment, pulse);
  const tiles = useMemo(
    () => tilesOf(deployment, allocations.data ?? [], pulse.backends),
    [deployment, allocations.data, pulse.backends],
  );
  return (
    <>
      <PageHead
        title={`${deployment.JobID}, version ${deployment.JobVersion}`}
        about={<About deployment={deployment} />}
        actions={<Actions deployment={deployment} tiles={tiles} />}
      />
      <div className="stack">
        <BlockerPanel deployment={deployment} />
        <TrafficPanel deployment={deployment} pulse={pulse} />
        {groupsOf(deployment).map(([name, group]) => (
          <GroupPanel
            key={name}
            name={name}
            deployment={deployment}
            group={group}
            tiles={tiles.filter((tile) => tile.group === name)}
          />
        ))}
        <Evidence deployment={deployment} />
      </div>
    </>
  );
}

/** What each version has served is counted at the server: asked again when the counts have moved. */
function useFreshFigures(deployment: DeploymentView, { beats }: Pulse): void {
  const queryClient = useQueryClient();
  const lastBeatMs = beats.at(-1)?.atMs;
  const isActive = isDeploymentActive(deployment);
  useEffect(() => {
    if (isActive && lastBeatMs !== undefined) {
      void queryClient.invalidateQueries({ queryKey: keys.deployment(deployment.ID) });
    }
  }, [queryClient, deployment.ID, isActive, lastBeatMs]);
}

const About = ({ deployment: { ID, JobID, Status } }: { readonly deployment: DeploymentView }) => (
  <>
    <Badge tone={deploymentTone[Status]}>{Status}</Badge>
    <span className="soft">
      deployment <span className="mono">{shortId(ID)}</span> of{' '}
      <Link to="/jobs/$jobId" params={{ jobId: JobID }}>
        {JobID}
      </Link>
    </span>
  </>
);
