/** Of a job's evaluations: the newest that could not place everything, as long as one still waits for room. */
import type { EvalView } from '../../src/api/views.ts';

export function failureThatLasts(evaluations: readonly EvalView[]): EvalView | undefined {
  if (!evaluations.some(({ Status }) => Status === 'blocked')) return undefined;
  return evaluations
    .filter(({ FailedTGAllocs }) => Object.keys(FailedTGAllocs ?? {}).length > 0)
    .reduce<EvalView | undefined>(
      (newest, each) => (newest && newest.CreateIndex >= each.CreateIndex ? newest : each),
      undefined,
    );
}
