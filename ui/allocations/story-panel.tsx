/** What the instance belongs to, and what came before and after it. */
import { Link } from '@tanstack/react-router';
import type { AllocView } from '../../src/api/views.ts';
import { Facts } from '../kit/facts.tsx';
import { Panel } from '../kit/panel.tsx';
import { Ago } from '../kit/time.tsx';
import { shortId } from '../kit/words.ts';

export const StoryPanel = ({ alloc }: { readonly alloc: AllocView }) => (
  <Panel title="Instance">
    <Facts
      of={{
        ID: <span className="mono">{alloc.ID}</span>,
        Job: (
          <Link to="/jobs/$jobId" params={{ jobId: alloc.JobID }}>
            {alloc.JobID}
          </Link>
        ),
        Group: alloc.TaskGroup,
        Node: (
          <>
            <Link to="/nodes/$nodeId" params={{ nodeId: alloc.NodeID }}>
              {alloc.NodeName}
            </Link>{' '}
            <span className="mono soft">{shortId(alloc.NodeID)}</span>
          </>
        ),
        Status: alloc.ClientDescription,
        'Wanted by the scheduler': alloc.DesiredDescription,
        Deployment: alloc.DeploymentID && (
          <Link className="mono" to="/deployments/$deploymentId" params={{ deploymentId: alloc.DeploymentID }}>
            {shortId(alloc.DeploymentID)}
          </Link>
        ),
        'In its deployment': health(alloc),
        Placed: <Ago ms={Number(alloc.CreateTime) / 1e6} />,
        Changed: <Ago ms={Number(alloc.ModifyTime) / 1e6} />,
        Replaces: alloc.PreviousAllocation && <Other id={alloc.PreviousAllocation} />,
        'Replaced by': alloc.NextAllocation && <Other id={alloc.NextAllocation} />,
      }}
    />
  </Panel>
);

const Other = ({ id }: { readonly id: string }) => (
  <Link className="mono" to="/allocations/$allocId" params={{ allocId: id }}>
    {shortId(id)}
  </Link>
);

function health({ DeploymentStatus: status }: AllocView) {
  if (!status || status.Healthy === null) return status?.Canary ? 'a canary, not yet judged' : undefined;
  return `${status.Canary ? 'a canary, ' : ''}${status.Healthy ? 'healthy' : 'unhealthy'}`;
}
