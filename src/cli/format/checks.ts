/** What the checks of an allocation found: a line each, or each in full. */
import type { CheckView } from '../../api/views.ts';
import { onOneLine } from './safe-text.ts';
import { formatKeyValues, formatList } from './table.ts';
import { byName, formatDistance, formatTime, type View } from './words.ts';

export type ChecksById = Readonly<Record<string, CheckView>>;

/** By service and name. */
export const sortedChecks = (checks: ChecksById): CheckView[] =>
  Object.values(checks).sort((a, b) => byName(a.Service, b.Service) || byName(a.Check, b.Check));

const MOST_OUTPUT = 100;

export function formatCheckTable(checks: readonly CheckView[], view: View): string {
  if (checks.length === 0) return '';
  const rows = checks.map((check) => [
    check.Service,
    taskOf(check),
    check.Check,
    check.Mode,
    statusOf(check),
    inARow(check),
    whenOf(check, view),
    onOneLine(check.Output, MOST_OUTPUT),
  ]);
  return formatList([['Service', 'Task', 'Check', 'Mode', 'Status', 'In a Row', 'When', 'Output'], ...rows], '-');
}

/** A block for each; with -verbose, what each found before. */
export function formatChecks(checks: readonly CheckView[], view: View): string {
  const noun = checks.length === 1 ? 'Check' : 'Checks';
  return [`Status of ${checks.length} Nomad Service ${noun}`, ...checks.map((check) => formatCheck(check, view))].join(
    '\n\n',
  );
}

function formatCheck(check: CheckView, view: View): string {
  const facts = formatKeyValues([
    ['ID', check.ID],
    ['Name', check.Check],
    ['Group', check.Group],
    ['Task', taskOf(check)],
    ['Service', check.Service],
    ['Status', statusOf(check)],
    ...(check.StatusCode ? [['StatusCode', String(check.StatusCode)] as const] : []),
    ['Mode', check.Mode],
    ['Timestamp', check.Timestamp > 0 ? formatTime(check.Timestamp * 1000) : 'N/A'],
    ['In a Row', inARow(check)],
    ['Output', onOneLine(check.Output, 1000)],
  ]);
  const history = view.verbose ? formatHistory(check) : '';
  return history === '' ? facts : `${facts}\n\n${history}`;
}

/** The newest first, as task events are. */
function formatHistory({ History: history }: CheckView): string {
  if (!history || history.length === 0) return '';
  const rows = history
    .toReversed()
    .map(({ FirstMs, LastMs, Result, Count, Output }) => [
      formatTime(FirstMs),
      formatTime(LastMs),
      Result,
      String(Count),
      onOneLine(Output, MOST_OUTPUT),
    ]);
  return formatList([['From', 'To', 'Result', 'Times', 'Output'], ...rows], '-');
}

const taskOf = ({ Task: task }: CheckView): string => task || '(group)';

/** A warning counts as the one or the other: it is named. */
const statusOf = ({ Status: status, CheckStatus: grade }: CheckView): string =>
  grade === 'warning' ? `${status} (warning)` : status;

function inARow({ Successes: successes, Failures: failures }: CheckView): string {
  if (failures) return failures === 1 ? '1 failure' : `${failures} failures`;
  if (successes) return successes === 1 ? '1 success' : `${successes} successes`;
  return '-';
}

const whenOf = ({ Timestamp: seconds }: CheckView, view: View): string => {
  if (seconds === 0) return 'not yet';
  return view.verbose ? formatTime(seconds * 1000) : formatDistance(seconds * 1000, view.nowMs);
};
