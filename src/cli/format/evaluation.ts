/** An evaluation as text: why it was made, how it ended, what it could not place. */
import type { EvalView } from '../../api/views.ts';
import { formatFailedGroups } from './metrics.ts';
import type { Style } from './style.ts';
import { formatKeyValues, formatList } from './table.ts';
import { formatStamp, formatWhen, idOf, type View } from './words.ts';

export function formatEvaluation(evaluation: EvalView, view: View, style: Style): string {
  const failed = evaluation.FailedTGAllocs ?? {};
  const hasFailures = Object.keys(failed).length > 0;
  const head = formatKeyValues(headPairs(evaluation, hasFailures, view));
  if (!hasFailures) return head;
  const failures = `${style.bold('Failed Placements')}\n${formatFailedGroups(failed, '')}`;
  const waiting = evaluation.BlockedEval
    ? `\n\nEvaluation "${idOf(evaluation.BlockedEval, view)}" waiting for additional capacity to place remainder`
    : '';
  return `${head}\n\n${failures}${waiting}`;
}

export function formatEvaluationList(evaluations: readonly EvalView[], view: View): string {
  if (evaluations.length === 0) return 'No evaluations found';
  const rows = evaluations.map((evaluation) => [
    idOf(evaluation.ID, view),
    String(evaluation.Priority),
    evaluation.TriggeredBy,
    evaluation.JobID,
    evaluation.Status,
    evaluation.Status === 'blocked' ? 'N/A - In Progress' : String(hasFailures(evaluation)),
  ]);
  return formatList([['ID', 'Priority', 'Triggered By', 'Job ID', 'Status', 'Placement Failures'], ...rows]);
}

const hasFailures = (evaluation: EvalView): boolean => Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0;

function headPairs(evaluation: EvalView, failures: boolean, view: View): [string, string][] {
  const isBlocked = evaluation.Status === 'blocked';
  return [
    ['ID', idOf(evaluation.ID, view)],
    ['Create Time', formatWhen(evaluation.CreateTime, view)],
    ['Modify Time', formatWhen(evaluation.ModifyTime, view)],
    ['Status', evaluation.Status],
    ['Status Description', evaluation.StatusDescription || evaluation.Status],
    ['Type', evaluation.Type],
    ['TriggeredBy', evaluation.TriggeredBy],
    ['Job ID', evaluation.JobID],
    ['Priority', String(evaluation.Priority)],
    ['Placement Failures', isBlocked ? 'N/A - In Progress' : String(failures)],
    ...(evaluation.WaitUntil ? ([['Wait Until', formatStamp(evaluation.WaitUntil)]] as [string, string][]) : []),
    ...(view.verbose ? relatedPairs(evaluation) : []),
  ];
}

const relatedPairs = (evaluation: EvalView): [string, string][] => [
  ['Previous Eval', evaluation.PreviousEval ?? ''],
  ['Next Eval', evaluation.NextEval ?? ''],
  ['Blocked Eval', evaluation.BlockedEval ?? ''],
];
