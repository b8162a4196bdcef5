/** The groups of a job: what runs, what is healthy, what there shall be; and scaling. */
import { Link } from '@tanstack/react-router';
import type { AllocStub, DeploymentView } from '../../src/api/views.ts';
import type { Job } from '../../src/model/job.ts';
import { Badge } from '../kit/badge.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { type GroupCounts, groupCounts } from './group-counts.ts';
import { Scale } from './scale.tsx';

export interface GroupsProps {
  readonly job: Job;
  readonly allocs: readonly AllocStub[];
  /** The latest. */
  readonly deployment: DeploymentView | undefined;
}

export function Groups({ job, allocs, deployment }: GroupsProps) {
  const actions: Column<GroupCounts> = {
    id: 'actions',
    title: 'Change',
    align: 'right',
    cell: ({ name, desired }) =>
      desired !== undefined && !job.Stop && <Scale job={job} group={name} deployment={deployment} />,
  };
  return (
    <Table
      caption="Groups and their instances"
      columns={[nameColumn(job), ...COLUMNS, ...(job.Stop ? [] : [actions])]}
      rows={groupCounts(job, allocs)}
      rowKey={({ name }) => name}
    />
  );
}

const nameColumn = (job: Job): Column<GroupCounts> => ({
  id: 'name',
  title: 'Group',
  cell: ({ name }) => (
    <Link to="/jobs/$jobId/allocations" params={{ jobId: job.ID }} search={{ group: name }}>
      {name}
    </Link>
  ),
});

const COLUMNS: readonly Column<GroupCounts>[] = [
  { id: 'running', title: 'Running', align: 'right', cell: ({ running }) => running },
  {
    id: 'healthy',
    title: 'Healthy',
    align: 'right',
    cell: ({ healthy, isJudged }) => (isJudged ? healthy : <span className="soft">not judged</span>),
  },
  { id: 'desired', title: 'Desired', align: 'right', cell: ({ desired }) => desired ?? 'one per node' },
  { id: 'more', title: 'State', cell: (counts) => <State {...counts} /> },
];

const State = ({ starting, unhealthy, stopping, failed, running, desired }: GroupCounts) => (
  <span className="row">
    {starting > 0 && <Badge tone="busy">{starting} starting</Badge>}
    {unhealthy > 0 && <Badge tone="bad">{unhealthy} unhealthy</Badge>}
    {failed > 0 && <Badge tone="bad">{failed} failed</Badge>}
    {stopping > 0 && <Badge tone="quiet">{stopping} stopping</Badge>}
    {desired !== undefined && running + starting < desired && (
      <Badge tone="wait">{desired - running - starting} missing</Badge>
    )}
    {desired === running && starting + unhealthy + stopping === 0 && <span className="soft">as desired</span>}
  </span>
);
