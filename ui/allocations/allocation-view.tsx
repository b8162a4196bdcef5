/** One instance: what it runs, where, and how it is. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { Facts } from '../kit/facts.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { Panel } from '../kit/panel.tsx';
import { clientTone, shortId } from '../kit/words.ts';

const route = getRouteApi('/allocations/$allocId');

export function AllocationView() {
  const { allocId } = route.useParams();
  return (
    <Asked query={useQuery(queries.allocation(allocId))} missing={`There is no allocation "${allocId}".`}>
      {(alloc) => (
        <>
          <PageHead
            title={alloc.Name}
            about={<Badge tone={clientTone[alloc.ClientStatus]}>{alloc.ClientStatus}</Badge>}
          />
          <Panel title="Placement">
            <Facts
              of={{
                ID: <span className="mono">{alloc.ID}</span>,
                Job: (
                  <Link to="/jobs/$jobId" params={{ jobId: alloc.JobID }}>
                    {alloc.JobID}
                  </Link>
                ),
                Node: `${alloc.NodeName} (${shortId(alloc.NodeID)})`,
                Status: alloc.ClientDescription,
              }}
            />
          </Panel>
        </>
      )}
    </Asked>
  );
}
