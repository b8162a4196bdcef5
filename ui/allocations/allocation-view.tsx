/** One instance: what it is, what can be done with it, and the way to its sub-views. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import type { AllocView } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { clientTone } from '../kit/words.ts';
import { AllocationActions } from './actions.tsx';
import './allocations.css';

const route = getRouteApi('/allocations/$allocId');

export function AllocationView() {
  const { allocId } = route.useParams();
  const missing = `There is no allocation "${allocId}": it may have ended so long ago that it is forgotten.`;
  return (
    <Asked query={useQuery(queries.allocation(allocId))} missing={missing}>
      {(alloc) => (
        <>
          <PageHead title={alloc.Name} about={<About alloc={alloc} />} actions={<AllocationActions alloc={alloc} />} />
          <Tabs allocId={alloc.ID} />
          <Outlet />
        </>
      )}
    </Asked>
  );
}

const About = ({ alloc }: { readonly alloc: AllocView }) => (
  <>
    <Badge tone={clientTone[alloc.ClientStatus]}>{alloc.ClientStatus}</Badge>
    {alloc.DesiredStatus !== 'run' && alloc.ClientStatus === 'running' && <Badge tone="wait">stopping</Badge>}
    {alloc.DeploymentStatus?.Healthy === false && <Badge tone="bad">unhealthy</Badge>}
    {alloc.DeploymentStatus?.Canary && <Badge tone="busy">canary</Badge>}
    <span className="soft">version {alloc.Job?.Version ?? alloc.JobVersion}</span>
  </>
);

function Tabs({ allocId }: { readonly allocId: string }) {
  const params = { allocId };
  return (
    <nav className="tabs" aria-label="Parts of the allocation">
      <Link to="/allocations/$allocId" params={params} activeOptions={{ exact: true, includeSearch: false }}>
        Overview
      </Link>
      <Link to="/allocations/$allocId/logs" params={params} activeOptions={{ includeSearch: false }}>
        Logs
      </Link>
      <Link to="/allocations/$allocId/files" params={params} activeOptions={{ includeSearch: false }}>
        Files
      </Link>
      <Link to="/allocations/$allocId/terminal" params={params} activeOptions={{ includeSearch: false }}>
        Terminal
      </Link>
    </nav>
  );
}
