/** All jobs: searched, narrowed, sorted; the address holds how. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { JobStub } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { ListFilter } from '../kit/list-filter.tsx';
import { Empty } from '../kit/note.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { counted, jobTone } from '../kit/words.ts';

const route = getRouteApi('/jobs');

export function JobsView() {
  const query = useQuery(queries.jobs());
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHead title="Jobs" about={query.data && <span className="soft">{counted(query.data.length, 'job')}</span>} />
      <div className="stack">
        <ListFilter
          noun="jobs"
          search={search}
          statuses={['running', 'pending', 'dead']}
          onChange={(change) => void navigate({ search: { ...search, ...change }, replace: true })}
        />
        <Asked query={query}>
          {(jobs) =>
            jobs.length === 0 ? (
              <Empty>
                No jobs yet. <code>serin job init</code> writes one to begin with, <code>serin run</code> runs it.
              </Empty>
            ) : (
              <Table
                caption="Jobs"
                columns={COLUMNS}
                rows={jobs.filter((job) => isWanted(job, search.q, search.status))}
                rowKey={({ ID }) => ID}
                sort={search.sort ?? 'name'}
                onSort={(sort) => void navigate({ search: { ...search, sort }, replace: true })}
              />
            )
          }
        </Asked>
      </div>
    </>
  );
}

const isWanted = ({ ID, Name, Status }: JobStub, text = '', status?: string): boolean =>
  `${ID} ${Name}`.toLowerCase().includes(text.toLowerCase()) && (status === undefined || Status === status);

const COLUMNS: readonly Column<JobStub>[] = [
  {
    id: 'name',
    title: 'Name',
    sortBy: ({ ID }) => ID,
    cell: ({ ID }) => (
      <Link to="/jobs/$jobId" params={{ jobId: ID }}>
        {ID}
      </Link>
    ),
  },
  {
    id: 'status',
    title: 'Status',
    sortBy: ({ Status }) => Status,
    cell: ({ Status }) => <Badge tone={jobTone[Status] ?? 'quiet'}>{Status}</Badge>,
  },
  { id: 'type', title: 'Type', sortBy: ({ Type }) => Type, cell: ({ Type }) => Type },
  {
    id: 'running',
    title: 'Running',
    align: 'right',
    sortBy: running,
    cell: running,
  },
  {
    id: 'submitted',
    title: 'Submitted',
    sortBy: ({ SubmitTime }) => Number(SubmitTime),
    cell: ({ SubmitTime }) => <Ago ms={Number(SubmitTime) / 1e6} />,
  },
];

function running({ JobSummary }: JobStub): number {
  return Object.values(JobSummary?.Summary ?? {}).reduce((sum, { Running }) => sum + Running, 0);
}
