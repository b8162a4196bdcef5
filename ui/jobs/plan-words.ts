/** A plan in sentences. Pure. */
import type { PlanView } from '../../src/api/views.ts';
import { UpdateWords } from '../../src/model/diff/annotate-diff.ts';
import type { DesiredUpdates } from '../../src/model/plan.ts';
import { updateWords } from './diff-rows.ts';

/** "Group "app": 2 are replaced now, 4 stay as they are." and then the whole course. */
export function planSentences({ Annotations, Course = [] }: PlanView): readonly string[] {
  const groups = Object.entries(Annotations?.DesiredTGUpdates ?? {}).map(groupSentence);
  return [...groups, ...Course];
}

function groupSentence([name, updates]: readonly [string, DesiredUpdates]): string {
  const keys = Object.keys(UpdateWords) as (keyof DesiredUpdates)[];
  const counts = Object.fromEntries(
    keys.filter((key) => updates[key] > 0).map((key) => [UpdateWords[key], updates[key]]),
  );
  const words = updateWords(counts);
  return `Group "${name}": ${words.length === 0 ? 'nothing changes' : words.join(', ')}.`;
}

/** The wire's list of warnings, "* " before each. */
export const warningsOf = ({ Warnings = '' }: Pick<PlanView, 'Warnings'>): readonly string[] =>
  Warnings.split('\n')
    .filter((line) => line.trimStart().startsWith('* '))
    .map((line) => line.trimStart().slice(2));
