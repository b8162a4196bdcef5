/** What the scheduler was asked about a job, and what found no place. */
import { useQuery } from '@tanstack/react-query';
import { queries } from '../client/queries.ts';
import { EVAL_COLUMNS } from '../evaluations/eval-columns.tsx';
import { PlacementFailures } from '../evaluations/placement-failures.tsx';
import { Asked } from '../kit/asked.tsx';
import { Empty } from '../kit/note.tsx';
import { Table } from '../kit/table.tsx';
import { useJobId } from './use-job.ts';

export function JobEvaluationsView() {
  const jobId = useJobId();
  return (
    <div className="stack">
      <PlacementFailures jobId={jobId} />
      <Asked query={useQuery(queries.jobEvaluations(jobId))}>
        {(list) =>
          list.length === 0 ? (
            <Empty>No evaluations are kept. "Evaluate" has the scheduler look at the job now.</Empty>
          ) : (
            <Table
              caption="Evaluations"
              columns={EVAL_COLUMNS}
              rows={[...list].sort((a, b) => b.CreateIndex - a.CreateIndex)}
              rowKey={({ ID }) => ID}
            />
          )
        }
      </Asked>
    </div>
  );
}
