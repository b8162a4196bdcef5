/** The scheduler's work: what it was asked, why, and how it went. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { EvalView } from '../../src/api/views.ts';
import { EvalStatuses } from '../../src/model/evaluation.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { ListFilter } from '../kit/list-filter.tsx';
import type { ListSearch } from '../kit/list-search.ts';
import { Empty } from '../kit/note.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { Table } from '../kit/table.tsx';
import { EVAL_COLUMNS, JOB_COLUMN } from './eval-columns.tsx';
import { triggerWords } from './trigger-words.ts';

const route = getRouteApi('/evaluations');

const [ID_COLUMN, ...REST] = EVAL_COLUMNS;
const COLUMNS = [ID_COLUMN!, JOB_COLUMN, ...REST];

export function EvaluationsView() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = (change: ListSearch) => void navigate({ search: { ...search, ...change }, replace: true });
  return (
    <>
      <PageHead title="Evaluations" />
      <div className="stack">
        <ListFilter noun="evaluations" search={search} statuses={Object.keys(EvalStatuses)} onChange={narrow} />
        <Asked query={useQuery(queries.evaluations())}>
          {(list) => {
            const wanted = list.filter((each) => isWanted(each, search));
            return wanted.length === 0 ? (
              <Nothing isAny={list.length > 0} />
            ) : (
              <Table
                caption="Evaluations"
                columns={COLUMNS}
                rows={wanted}
                rowKey={({ ID }) => ID}
                sort={search.sort ?? '-index'}
                onSort={(sort) => narrow({ sort })}
              />
            );
          }}
        </Asked>
      </div>
    </>
  );
}

const Nothing = ({ isAny }: { readonly isAny: boolean }) => (
  <Empty>
    {isAny
      ? 'No evaluation is like that. Search for less, or for another state.'
      : 'The scheduler was asked nothing lately: whoever runs or stops a job asks it.'}
  </Empty>
);

const isWanted = ({ ID, JobID, TriggeredBy, Status }: EvalView, { q = '', status }: ListSearch): boolean =>
  `${ID} ${JobID} ${triggerWords(TriggeredBy)}`.toLowerCase().includes(q.toLowerCase()) &&
  (status === undefined || Status === status);
