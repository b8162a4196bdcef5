/** What found no place and still waits for one, of one job or of one evaluation. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { EvalView } from '../../src/api/views.ts';
import type { AllocMetric } from '../../src/model/allocation.ts';
import { queries } from '../client/queries.ts';
import { Panel } from '../kit/panel.tsx';
import { shortId } from '../kit/words.ts';
import { failureThatLasts } from './failure-that-lasts.ts';
import { failureHeadline, lookedAt, placementReasons } from './placement.ts';

export function PlacementFailures({ jobId }: { readonly jobId: string }) {
  const { data = [] } = useQuery(queries.jobEvaluations(jobId));
  const failed = failureThatLasts(data);
  return failed ? <WaitingPanel failed={failed} /> : null;
}

const WaitingPanel = ({ failed }: { readonly failed: EvalView }) => (
  <Panel
    title="Waits for a place"
    aside={
      <Link className="mono" to="/evaluations/$evalId" params={{ evalId: failed.ID }}>
        evaluation {shortId(failed.ID)}
      </Link>
    }
  >
    <FailedGroups failed={failed.FailedTGAllocs ?? {}} />
  </Panel>
);

export const FailedGroups = ({ failed }: { readonly failed: Readonly<Record<string, AllocMetric>> }) => (
  <div className="stack">
    {Object.entries(failed).map(([group, metric]) => (
      <div key={group} className="note" data-tone="wait">
        <strong>{failureHeadline(group, metric)}</strong> ({lookedAt(metric)})
        <ul className="effect">
          {placementReasons(metric).map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </div>
    ))}
  </div>
);
