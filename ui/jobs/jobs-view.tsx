/** All jobs: searched, narrowed, sorted; the address holds how. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { JobStub } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { ListFilter } from '../kit/list-filter.tsx';
import { Empty } from '../kit/note.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { Table } from '../kit/table.tsx';
import { counted } from '../kit/words.ts';
import { JOB_COLUMNS } from './job-columns.tsx';
import { JobKinds, kindOf, kindWords } from './job-kind.ts';
import './jobs.css';
import type { JobsSearch } from './searches.ts';

const route = getRouteApi('/jobs');

export function JobsView() {
  const query = useQuery(queries.jobs());
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = (change: JobsSearch) => void navigate({ search: { ...search, ...change }, replace: true });
  return (
    <>
      <PageHead
        title="Jobs"
        about={query.data && <span className="soft">{counted(query.data.length, 'job')}</span>}
        actions={
          <Link to="/run" className="button">
            Run a job
          </Link>
        }
      />
      <div className="stack">
        <ListFilter noun="jobs" search={search} statuses={['running', 'pending', 'dead']} onChange={narrow}>
          <KindChoice kind={search.kind} onChange={(kind) => narrow({ kind })} />
        </ListFilter>
        <Asked query={query}>
          {(jobs) => (jobs.length === 0 ? <NoJobs /> : <JobTable jobs={jobs} search={search} narrow={narrow} />)}
        </Asked>
      </div>
    </>
  );
}

const NoJobs = () => (
  <Empty>
    No jobs yet. <Link to="/run">Run one here</Link>, or from a file: <code>serin job init</code> writes one to begin
    with, <code>serin run</code> runs it.
  </Empty>
);

interface JobTableProps {
  readonly jobs: readonly JobStub[];
  readonly search: JobsSearch;
  readonly narrow: (change: JobsSearch) => void;
}

function JobTable({ jobs, search, narrow }: JobTableProps) {
  const { q, status, kind } = search;
  const wanted = useMemo(() => jobs.filter((job) => isWanted(job, { q, status, kind })), [jobs, q, status, kind]);
  if (wanted.length === 0) {
    return <Empty>None of {counted(jobs.length, 'job')} is like that. Search for less, or for another state.</Empty>;
  }
  return (
    <Table
      caption="Jobs"
      columns={JOB_COLUMNS}
      rows={wanted}
      rowKey={({ ID }) => ID}
      sort={search.sort ?? 'name'}
      onSort={(sort) => narrow({ sort })}
    />
  );
}

const isWanted = (job: JobStub, { q = '', status, kind }: JobsSearch): boolean =>
  `${job.ID} ${job.Name}`.toLowerCase().includes(q.toLowerCase()) &&
  (status === undefined || job.Status === status) &&
  (kind === undefined || kindOf(job) === kind);

interface KindChoiceProps {
  readonly kind: string | undefined;
  readonly onChange: (kind: string | undefined) => void;
}

const KindChoice = ({ kind, onChange }: KindChoiceProps) => (
  <label>
    <span className="visually-hidden">Kind</span>
    <select className="field" value={kind ?? ''} onChange={({ target }) => onChange(target.value || undefined)}>
      <option value="">every kind</option>
      {JobKinds.map((each) => (
        <option key={each} value={each}>
          {kindWords[each]}
        </option>
      ))}
    </select>
  </label>
);
