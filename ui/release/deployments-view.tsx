/** All releases, the newest first. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { DeploymentView } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { ListFilter } from '../kit/list-filter.tsx';
import { Empty } from '../kit/note.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { deploymentTone, shortId } from '../kit/words.ts';

const route = getRouteApi('/deployments');

export function DeploymentsView() {
  const query = useQuery(queries.deployments());
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHead title="Deployments" />
      <div className="stack">
        <ListFilter
          noun="deployments"
          search={search}
          statuses={['running', 'paused', 'failed', 'successful', 'cancelled']}
          onChange={(change) => void navigate({ search: { ...search, ...change }, replace: true })}
        />
        <Asked query={query}>
          {(list) =>
            list.length === 0 ? (
              <Empty>
                No deployments yet: each new version of a service job begins one. <code>serin run job.hcl</code>
              </Empty>
            ) : (
              <Table
                caption="Deployments"
                columns={COLUMNS}
                rows={list.filter(
                  ({ ID, JobID, Status }) =>
                    `${ID} ${JobID}`.includes(search.q ?? '') && (!search.status || Status === search.status),
                )}
                rowKey={({ ID }) => ID}
                sort={search.sort ?? '-begun'}
                onSort={(sort) => void navigate({ search: { ...search, sort }, replace: true })}
              />
            )
          }
        </Asked>
      </div>
    </>
  );
}

const COLUMNS: readonly Column<DeploymentView>[] = [
  {
    id: 'id',
    title: 'ID',
    cell: ({ ID }) => (
      <Link className="mono" to="/deployments/$deploymentId" params={{ deploymentId: ID }}>
        {shortId(ID)}
      </Link>
    ),
  },
  {
    id: 'job',
    title: 'Job',
    sortBy: ({ JobID }) => JobID,
    cell: ({ JobID }) => (
      <Link to="/jobs/$jobId" params={{ jobId: JobID }}>
        {JobID}
      </Link>
    ),
  },
  {
    id: 'version',
    title: 'Version',
    align: 'right',
    sortBy: ({ JobVersion }) => JobVersion,
    cell: ({ JobVersion }) => JobVersion,
  },
  {
    id: 'status',
    title: 'Status',
    sortBy: ({ Status }) => Status,
    cell: ({ Status }) => <Badge tone={deploymentTone[Status]}>{Status}</Badge>,
  },
  { id: 'about', title: 'What it waits for', cell: (row) => row.Blocker?.Message ?? row.StatusDescription },
  {
    id: 'begun',
    title: 'Index',
    align: 'right',
    sortBy: ({ CreateIndex }) => CreateIndex,
    cell: (row) => row.CreateIndex,
  },
];
