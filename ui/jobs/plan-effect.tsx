/** What a plan will do, in sentences: now, by group; over its whole course; what finds no place; what is doubtful. */
import type { PlanView } from '../../src/api/views.ts';
import { FailedGroups } from '../evaluations/placement-failures.tsx';
import { planSentences, warningsOf } from './plan-words.ts';

export function PlanEffect({ plan }: { readonly plan: PlanView }) {
  const warnings = warningsOf(plan);
  return (
    <div className="stack" aria-live="polite">
      <ul className="effect">
        {planSentences(plan).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <FailedGroups failed={plan.FailedTGAllocs ?? {}} />
      {warnings.length > 0 && (
        <div className="note" data-tone="wait">
          <strong>{warnings.length === 1 ? 'A warning' : `${warnings.length} warnings`}</strong>
          <ul className="effect">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
