/** Why it stands where it stands, in the figures of the scheduler. */
import { Link } from '@tanstack/react-router';
import type { AllocView } from '../../src/api/views.ts';
import type { RescheduleEvent, ScoreMeta } from '../../src/model/allocation.ts';
import { Facts } from '../kit/facts.tsx';
import { Panel } from '../kit/panel.tsx';
import { Ago } from '../kit/time.tsx';
import { counted, shortId } from '../kit/words.ts';

export function PlacementPanel({ alloc }: { readonly alloc: AllocView }) {
  const metrics = alloc.Metrics;
  const reschedules = alloc.RescheduleTracker?.Events ?? [];
  if (!metrics && reschedules.length === 0) return null;
  return (
    <Panel title="Placement">
      <div className="stack">
        {metrics && (
          <p>
            {counted(metrics.NodesEvaluated, 'node')} looked at, {metrics.NodesFiltered} ruled out by constraints,{' '}
            {metrics.NodesExhausted} without room.
          </p>
        )}
        {(metrics?.ScoreMetaData ?? []).map((meta) => (
          <Scores key={meta.NodeID} meta={meta} />
        ))}
        {reschedules.length > 0 && <Reschedules events={reschedules} />}
      </div>
    </Panel>
  );
}

const Scores = ({ meta: { NodeID, NormScore, Scores: parts } }: { readonly meta: ScoreMeta }) => (
  <div>
    <h3>
      Node <span className="mono">{shortId(NodeID)}</span>: score {scoreWord(NormScore)}
    </h3>
    <Facts of={Object.fromEntries(Object.entries(parts ?? {}).map(([name, score]) => [name, scoreWord(score)]))} />
  </div>
);

const scoreWord = (score: number): string => score.toFixed(2);

const Reschedules = ({ events }: { readonly events: readonly RescheduleEvent[] }) => (
  <div>
    <h3>Placed anew after failures</h3>
    <ul>
      {events.map(({ PrevAllocID, RescheduleTime }) => (
        <li key={PrevAllocID}>
          in place of{' '}
          <Link className="mono" to="/allocations/$allocId" params={{ allocId: PrevAllocID }}>
            {shortId(PrevAllocID)}
          </Link>
          , <Ago ms={Number(RescheduleTime) / 1e6} />
        </li>
      ))}
    </ul>
  </div>
);
