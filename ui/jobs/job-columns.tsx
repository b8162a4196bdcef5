/** The columns of the list of jobs. */
import { Link } from '@tanstack/react-router';
import type { JobStub } from '../../src/api/views.ts';
import { Badge } from '../kit/badge.tsx';
import type { Column } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { jobTone } from '../kit/words.ts';
import { countsOf, countWords } from './instance-words.ts';
import { kindOf, kindWords } from './job-kind.ts';

export const JOB_COLUMNS: readonly Column<JobStub>[] = [
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
    cell: ({ Status, Stop }) => (
      <Badge tone={jobTone[Status] ?? 'quiet'}>{Stop && Status === 'dead' ? 'stopped' : Status}</Badge>
    ),
  },
  { id: 'kind', title: 'Kind', sortBy: kindOf, cell: (job) => kindWords[kindOf(job)] },
  {
    id: 'running',
    title: 'Instances',
    sortBy: (job) => countsOf(job).running,
    cell: (job) => <Instances job={job} />,
  },
  { id: 'priority', title: 'Priority', align: 'right', sortBy: (job) => job.Priority, cell: (job) => job.Priority },
  {
    id: 'submitted',
    title: 'Submitted',
    sortBy: ({ SubmitTime }) => Number(SubmitTime),
    cell: ({ SubmitTime }) => <Ago ms={Number(SubmitTime) / 1e6} />,
  },
];

function Instances({ job }: { readonly job: JobStub }) {
  const counts = countsOf(job);
  return <span data-trouble={counts.queued > 0 || undefined}>{countWords(counts)}</span>;
}
