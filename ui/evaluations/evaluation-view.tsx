/** One evaluation: why it was made, how it ended, what it placed and what found no place. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { EvalView } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';
import { ALLOC_COLUMNS } from '../jobs/alloc-columns.tsx';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { Facts } from '../kit/facts.tsx';
import { Empty } from '../kit/note.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { Panel } from '../kit/panel.tsx';
import { Table } from '../kit/table.tsx';
import { Ago, Countdown } from '../kit/time.tsx';
import { shortId } from '../kit/words.ts';
import { FailedGroups } from './placement-failures.tsx';
import { evalStatusWords, evalTone, triggerWords } from './trigger-words.ts';

const route = getRouteApi('/evaluations/$evalId');

export function EvaluationView() {
  const { evalId } = route.useParams();
  return (
    <Asked
      query={useQuery(queries.evaluation(evalId))}
      missing={`There is no evaluation "${evalId}": those that are done are kept for a while only.`}
    >
      {(evaluation) => <OneEvaluation evaluation={evaluation} />}
    </Asked>
  );
}

function OneEvaluation({ evaluation }: { readonly evaluation: EvalView }) {
  const failed = evaluation.FailedTGAllocs ?? {};
  return (
    <>
      <PageHead
        title={`Evaluation ${shortId(evaluation.ID)}`}
        about={<Badge tone={evalTone[evaluation.Status]}>{evaluation.Status}</Badge>}
      />
      <div className="stack">
        {Object.keys(failed).length > 0 && (
          <Panel title="Found no place">
            <FailedGroups failed={failed} />
          </Panel>
        )}
        <Panel title="About">
          <Facts of={factsOf(evaluation)} />
        </Panel>
        <Panel title="Allocations it placed">
          <Placed evaluation={evaluation} />
        </Panel>
      </div>
    </>
  );
}

const factsOf = (evaluation: EvalView) => ({
  ID: <span className="mono">{evaluation.ID}</span>,
  Job: (
    <Link to="/jobs/$jobId" params={{ jobId: evaluation.JobID }}>
      {evaluation.JobID}
    </Link>
  ),
  Because: triggerWords(evaluation.TriggeredBy),
  Status: evaluation.StatusDescription || evalStatusWords[evaluation.Status],
  Made: <Ago ms={Number(evaluation.CreateTime) / 1e6} />,
  'Looked at': evaluation.WaitUntil ? <Countdown untilMs={Date.parse(evaluation.WaitUntil)} /> : undefined,
  Priority: evaluation.Priority,
  Release: evaluation.DeploymentID ? (
    <Link className="mono" to="/deployments/$deploymentId" params={{ deploymentId: evaluation.DeploymentID }}>
      {shortId(evaluation.DeploymentID)}
    </Link>
  ) : undefined,
  'The one before': other(evaluation.PreviousEval),
  'The one after': other(evaluation.NextEval),
  'Waits for room': other(evaluation.BlockedEval),
});

const other = (id: string | undefined) =>
  id ? (
    <Link className="mono" to="/evaluations/$evalId" params={{ evalId: id }}>
      {shortId(id)}
    </Link>
  ) : undefined;

function Placed({ evaluation: { ID, Status } }: { readonly evaluation: EvalView }) {
  const waits = Status === 'pending' || Status === 'blocked';
  return (
    <Asked query={useQuery(queries.evaluationAllocations(ID))}>
      {(list) =>
        list.length === 0 ? (
          <Empty>
            {waits
              ? `None yet. ${evalStatusWords[Status]}`
              : 'None: it only stopped or moved some, or there was nothing to do.'}
          </Empty>
        ) : (
          <Table caption="Allocations it placed" columns={ALLOC_COLUMNS} rows={list} rowKey={({ ID }) => ID} />
        )
      }
    </Asked>
  );
}
