/** Watches an evaluation until it is decided, then the deployment that came of it. */
import type { ReadOptions } from '../api/requester.ts';
import type { AllocStub, EvalView } from '../api/views.ts';
import type { CommandContext } from './command.ts';
import { explaining } from './explaining.ts';
import { sayWhereItFailed } from './failed-deployment.ts';
import { formatFailedGroups } from './format/metrics.ts';
import { formatTime, idOf } from './format/words.ts';
import { type Monitored, monitorDeployment } from './monitor-deployment.ts';
import { watch } from './watch.ts';

/** The status that tells a script: submitted, but something found no place. */
const PLACEMENTS_FAILED = 2;

export interface MonitorOptions {
  readonly verbose: boolean;
}

/** Resolves with the exit status: 0 done, 1 failed, 2 not everything could be placed. */
export async function monitorEvaluation(
  context: CommandContext,
  evalId: string,
  options: MonitorOptions,
): Promise<number> {
  const evaluation = await untilDecided(context, evalId, options);
  if (hasFailures(evaluation)) return PLACEMENTS_FAILED;
  if (evaluation.Status !== 'complete') return 1;
  if (!evaluation.DeploymentID) return 0;
  say(context, `Monitoring deployment "${idOf(evaluation.DeploymentID, options)}"`, 'head');
  const ended = await monitorDeployment(context, evaluation.DeploymentID, { ...options, indent: '    ' });
  await sayWhereItFailed(context, ended, options);
  return statusOf(ended);
}

const statusOf = (ended: Monitored): number => (ended.Status === 'successful' ? 0 : 1);

async function untilDecided(context: CommandContext, evalId: string, options: MonitorOptions): Promise<EvalView> {
  const { evaluations } = context.client;
  const seen: Seen = { lines: new Set(), allocs: new Map(), status: 'pending' };
  const read = (options: ReadOptions) => explaining('Error reading evaluation', evaluations.read(evalId, options));
  for await (const evaluation of watch(context, read)) {
    const { data: allocations } = await explaining('Error reading allocations', evaluations.allocations(evalId));
    const news = newsOf(evaluation, allocations ?? [], seen, options);
    if (news.length > 0) say(context, `Monitoring evaluation "${idOf(evalId, options)}"`, 'head');
    for (const line of news) say(context, line);
    if (isDecided(evaluation)) {
      sayEnd(context, evaluation, options);
      return evaluation;
    }
  }
  throw new Error('unreachable: a watch ends only with its consumer');
}

interface Seen {
  readonly lines: Set<string>;
  readonly allocs: Map<string, string>;
  status: string;
}

const isDecided = ({ Status }: EvalView): boolean =>
  Status === 'complete' || Status === 'failed' || Status === 'canceled' || Status === 'blocked';

const hasFailures = (evaluation: EvalView): boolean => Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0;

/** What was not said before, in the order in which it comes about. */
function newsOf(
  evaluation: EvalView,
  allocations: readonly AllocStub[],
  seen: Seen,
  options: MonitorOptions,
): string[] {
  const once = (line: string): string[] => {
    if (seen.lines.has(line)) return [];
    seen.lines.add(line);
    return [line];
  };
  const news = [
    ...once(`Evaluation triggered by ${triggerOf(evaluation, options)}`),
    ...(evaluation.DeploymentID
      ? once(`Evaluation within deployment: "${idOf(evaluation.DeploymentID, options)}"`)
      : []),
    ...allocations.flatMap((alloc) => allocNews(alloc, evaluation, seen, options)),
    ...(evaluation.Status === seen.status
      ? []
      : [`Evaluation status changed: "${seen.status}" -> "${evaluation.Status}"`]),
  ];
  seen.status = evaluation.Status;
  return news;
}

const triggerOf = (evaluation: EvalView, options: MonitorOptions): string =>
  evaluation.NodeID ? `node "${idOf(evaluation.NodeID, options)}"` : `job "${evaluation.JobID}"`;

function allocNews(alloc: AllocStub, evaluation: EvalView, seen: Seen, options: MonitorOptions): string[] {
  const id = idOf(alloc.ID, options);
  const before = seen.allocs.get(alloc.ID);
  seen.allocs.set(alloc.ID, alloc.ClientStatus);
  if (before === undefined) {
    const what = alloc.CreateIndex >= evaluation.CreateIndex ? 'created' : 'modified';
    return [`Allocation "${id}" ${what}: node "${idOf(alloc.NodeID, options)}", group "${alloc.TaskGroup}"`];
  }
  if (before === alloc.ClientStatus) return [];
  return [`Allocation "${id}" status changed: "${before}" -> "${alloc.ClientStatus}" (${alloc.ClientDescription})`];
}

function sayEnd(context: CommandContext, evaluation: EvalView, options: MonitorOptions): void {
  const failed = hasFailures(evaluation) ? ' but failed to place all allocations:' : '';
  const id = idOf(evaluation.ID, options);
  say(context, `Evaluation "${id}" finished with status "${evaluation.Status}"${failed}`, 'head');
  if (!hasFailures(evaluation)) return;
  say(context, formatFailedGroups(evaluation.FailedTGAllocs ?? {}, '    ').trimStart());
  if (!evaluation.BlockedEval) return;
  const blocked = idOf(evaluation.BlockedEval, options);
  say(context, `Evaluation "${blocked}" waiting for additional capacity to place remainder`);
}

function say(context: CommandContext, line: string, kind: 'head' | 'line' = 'line'): void {
  const time = formatTime(context.clock.nowMs());
  context.terminal.print(`${kind === 'head' ? '==>' : '   '} ${time}: ${line}`);
}
