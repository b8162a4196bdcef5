/** The scheduler's work: what it was asked, why, and how it went. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { EvalView } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge, type Tone } from '../kit/badge.tsx';
import { ListFilter } from '../kit/list-filter.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { shortId } from '../kit/words.ts';

const route = getRouteApi('/evaluations');

export function EvaluationsView() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHead title="Evaluations" />
      <div className="stack">
        <ListFilter
          noun="evaluations"
          search={search}
          statuses={Object.keys(TONES)}
          onChange={(change) => void navigate({ search: { ...search, ...change }, replace: true })}
        />
        <Asked query={useQuery(queries.evaluations())}>
          {(list) => (
            <Table
              caption="Evaluations"
              columns={COLUMNS}
              rows={list.filter(
                ({ ID, JobID, Status }) =>
                  `${ID} ${JobID}`.includes(search.q ?? '') && (!search.status || Status === search.status),
              )}
              rowKey={({ ID }) => ID}
              sort={search.sort ?? '-index'}
              onSort={(sort) => void navigate({ search: { ...search, sort }, replace: true })}
            />
          )}
        </Asked>
      </div>
    </>
  );
}

const TONES: Readonly<Record<string, Tone>> = {
  pending: 'busy',
  blocked: 'wait',
  complete: 'good',
  failed: 'bad',
  canceled: 'quiet',
};

const COLUMNS: readonly Column<EvalView>[] = [
  { id: 'id', title: 'ID', cell: ({ ID }) => <span className="mono">{shortId(ID)}</span> },
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
  { id: 'why', title: 'Triggered by', sortBy: ({ TriggeredBy }) => TriggeredBy, cell: (row) => row.TriggeredBy },
  {
    id: 'status',
    title: 'Status',
    sortBy: ({ Status }) => Status,
    cell: ({ Status }) => <Badge tone={TONES[Status] ?? 'quiet'}>{Status}</Badge>,
  },
  { id: 'index', title: 'Index', align: 'right', sortBy: (row) => row.CreateIndex, cell: (row) => row.CreateIndex },
];
