/** The columns of a table of evaluations. */
import { Link } from '@tanstack/react-router';
import type { EvalView } from '../../src/api/views.ts';
import { Badge } from '../kit/badge.tsx';
import type { Column } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { shortId } from '../kit/words.ts';
import { evalTone, triggerWords } from './trigger-words.ts';

export const EVAL_COLUMNS: readonly Column<EvalView>[] = [
  {
    id: 'id',
    title: 'ID',
    cell: ({ ID }) => (
      <Link className="mono" to="/evaluations/$evalId" params={{ evalId: ID }}>
        {shortId(ID)}
      </Link>
    ),
  },
  {
    id: 'why',
    title: 'Because',
    sortBy: ({ TriggeredBy }) => TriggeredBy,
    cell: ({ TriggeredBy }) => triggerWords(TriggeredBy),
  },
  {
    id: 'status',
    title: 'Status',
    sortBy: ({ Status }) => Status,
    cell: ({ Status }) => <Badge tone={evalTone[Status]}>{Status}</Badge>,
  },
  { id: 'failures', title: 'Placed', sortBy: unplaced, cell: placedWords },
  {
    id: 'index',
    title: 'Made',
    sortBy: ({ CreateIndex }) => CreateIndex,
    cell: ({ CreateTime }) => <Ago ms={Number(CreateTime) / 1e6} />,
  },
];

export const JOB_COLUMN: Column<EvalView> = {
  id: 'job',
  title: 'Job',
  sortBy: ({ JobID }) => JobID,
  cell: ({ JobID }) => (
    <Link to="/jobs/$jobId" params={{ jobId: JobID }}>
      {JobID}
    </Link>
  ),
};

function unplaced({ FailedTGAllocs }: EvalView): number {
  return Object.values(FailedTGAllocs ?? {}).reduce((sum, { CoalescedFailures }) => sum + CoalescedFailures + 1, 0);
}

function placedWords(evaluation: EvalView): string {
  const count = unplaced(evaluation);
  if (count > 0) return `${count} without a place`;
  return evaluation.Status === 'complete' ? 'all' : '';
}
