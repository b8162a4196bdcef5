/** The allocations of a job, the newest first; searched and narrowed by the address. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { AllocStub } from '../../src/api/views.ts';
import { isClientTerminal } from '../../src/model/allocation.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { ListFilter } from '../kit/list-filter.tsx';
import { Empty } from '../kit/note.tsx';
import { Table } from '../kit/table.tsx';
import { ALLOC_COLUMNS } from './alloc-columns.tsx';
import type { AllocationSearch } from './searches.ts';
import { useJob } from './use-job.ts';

const route = getRouteApi('/jobs/$jobId/allocations');

const STATES = ['live', 'pending', 'running', 'complete', 'failed', 'lost'];

export function AllocationsView() {
  const job = useJob();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = (change: AllocationSearch) => void navigate({ search: { ...search, ...change }, replace: true });
  return (
    <div className="stack">
      <ListFilter noun="allocations" search={search} statuses={STATES} onChange={narrow}>
        {job.TaskGroups.length > 1 && (
          <GroupChoice
            groups={job.TaskGroups.map(({ Name }) => Name)}
            group={search.group}
            onChange={(group) => narrow({ group })}
          />
        )}
      </ListFilter>
      <Asked query={useQuery(queries.jobAllocations(job.ID))}>
        {(list) => {
          const wanted = list.filter((alloc) => isWanted(alloc, search));
          return wanted.length === 0 ? (
            <Nothing isAny={list.length > 0} />
          ) : (
            <Table
              caption="Allocations"
              columns={ALLOC_COLUMNS}
              rows={wanted}
              rowKey={({ ID }) => ID}
              sort={search.sort ?? '-created'}
              onSort={(sort) => narrow({ sort })}
            />
          );
        }}
      </Asked>
    </div>
  );
}

const Nothing = ({ isAny }: { readonly isAny: boolean }) => (
  <Empty>
    {isAny
      ? 'None of its allocations is like that. Search for less, or for another state.'
      : 'It has no allocations: its evaluations say why, or its count is 0.'}
  </Empty>
);

const isWanted = (alloc: AllocStub, { q = '', status, group }: AllocationSearch): boolean =>
  `${alloc.ID} ${alloc.Name} ${alloc.NodeName}`.toLowerCase().includes(q.toLowerCase()) &&
  (status === undefined || (status === 'live' ? !isClientTerminal(alloc) : alloc.ClientStatus === status)) &&
  (group === undefined || alloc.TaskGroup === group);

interface GroupChoiceProps {
  readonly groups: readonly string[];
  readonly group: string | undefined;
  readonly onChange: (group: string | undefined) => void;
}

const GroupChoice = ({ groups, group, onChange }: GroupChoiceProps) => (
  <label>
    <span className="visually-hidden">Group</span>
    <select className="field" value={group ?? ''} onChange={({ target }) => onChange(target.value || undefined)}>
      <option value="">every group</option>
      {groups.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </select>
  </label>
);
