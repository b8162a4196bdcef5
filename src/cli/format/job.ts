/** A job as text: what it is, how many instances are in which state, and each of its allocations. */
import type { AllocStub, DeploymentView, EvalView, JobStub } from '../../api/views.ts';
import { disconnectedWords } from '../../model/disconnect.ts';
import type { Job } from '../../model/job.ts';
import type { JobSummary } from '../../model/job-summary.ts';
import { formatLatestDeployment } from './deployment.ts';
import { formatExplanation } from './explanation.ts';
import { placementReasons } from './metrics.ts';
import type { Style } from './style.ts';
import { formatKeyValues, formatList } from './table.ts';
import { byName, formatNanoTime, formatWhen, idOf, type View } from './words.ts';

export function formatJobList(jobs: readonly JobStub[]): string {
  if (jobs.length === 0) return 'No running jobs';
  const rows = jobs.map((job) => [
    job.ID,
    job.Type,
    String(job.Priority),
    statusOf(job),
    formatNanoTime(job.SubmitTime),
  ]);
  return formatList([['ID', 'Type', 'Priority', 'Status', 'Submit Date'], ...rows]);
}

export function formatJobHead(job: Job): string {
  return formatKeyValues([
    ['ID', job.ID],
    ['Name', job.Name],
    ['Submit Date', formatNanoTime(job.SubmitTime)],
    ['Type', job.Type],
    ['Priority', String(job.Priority)],
    ['Datacenters', job.Datacenters.join(',')],
    ['Namespace', job.Namespace],
    ['Status', statusOf(job)],
    ['Periodic', String(job.Periodic != null)],
    ['Parameterized', String(job.ParameterizedJob != null)],
  ]);
}

export interface JobStatus {
  readonly job: Job;
  readonly summary: JobSummary | null;
  readonly evaluations: readonly EvalView[];
  readonly deployment: DeploymentView | null;
  readonly allocations: readonly AllocStub[];
}

/** All of `job status`. `withEvaluations` lists them even when short. */
export function formatJobStatus(
  status: JobStatus,
  view: View,
  style: Style,
  options: { readonly withEvaluations: boolean },
): string {
  const { evaluations, deployment, allocations } = status;
  return [
    formatJobHead(status.job),
    section('Summary', status.summary && formatSummary(status.summary), style),
    section('Evaluations', options.withEvaluations ? formatEvaluations(evaluations, view) : null, style),
    section('Future Rescheduling Attempts', formatReschedules(allocations, evaluations, view), style),
    section('Lost Nodes', formatLostNodes(allocations, view), style),
    section('Placement Failure', formatPlacementFailure(evaluations, view), style),
    section('Latest Deployment', deployment && formatLatestDeployment(deployment, view, style), style),
    deployment ? formatExplanation(deployment, { ...view, detail: 'short' }, style) : '',
    section('Allocations', formatAllocList(allocations, view), style),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

export function formatAllocList(allocations: readonly AllocStub[], view: View): string {
  if (allocations.length === 0) return 'No allocations placed';
  const heading = view.verbose
    ? ['ID', 'Eval ID', 'Node ID', 'Node Name', 'Task Group', 'Version', 'Desired', 'Status', 'Created', 'Modified']
    : ['ID', 'Node ID', 'Task Group', 'Version', 'Desired', 'Status', 'Created', 'Modified'];
  return formatList([heading, ...newestFirst(allocations).map((alloc) => allocRow(alloc, view))]);
}

const statusOf = (job: Pick<Job, 'Status' | 'Stop'>): string => (job.Stop ? `${job.Status} (stopped)` : job.Status);

const section = (title: string, body: string | null, style: Style): string =>
  body === null || body === '' ? '' : `${style.bold(title)}\n${body}`;

function formatSummary(summary: JobSummary): string {
  const groups = Object.entries(summary.Summary).sort(([a], [b]) => byName(a, b));
  const rows = groups.map(([name, counts]) => [
    name,
    ...[counts.Queued, counts.Starting, counts.Running, counts.Failed, counts.Complete, counts.Lost].map(String),
  ]);
  return formatList([['Task Group', 'Queued', 'Starting', 'Running', 'Failed', 'Complete', 'Lost'], ...rows]);
}

function formatEvaluations(evaluations: readonly EvalView[], view: View): string {
  const rows = newestFirst(evaluations).map((evaluation) => [
    idOf(evaluation.ID, view),
    String(evaluation.Priority),
    evaluation.TriggeredBy,
    evaluation.Status,
    String(hasFailedPlacements(evaluation)),
  ]);
  return formatList([['ID', 'Priority', 'Triggered By', 'Status', 'Placement Failures'], ...rows]);
}

/** Which evaluation, still to come, will replace a group's failed allocations, and when. */
function formatReschedules(
  allocations: readonly AllocStub[],
  evaluations: readonly EvalView[],
  view: View,
): string | null {
  const followUps = new Map(evaluations.filter(isStillToCome(view)).map((evaluation) => [evaluation.ID, evaluation]));
  const earliest = new Map<string, EvalView>();
  // One that was replaced meanwhile (a newer version came) may still name an evaluation: nothing comes of it.
  for (const alloc of allocations.filter((each) => each.DesiredStatus === 'run')) {
    const evaluation = followUps.get(alloc.FollowupEvalID);
    const known = earliest.get(alloc.TaskGroup);
    if (evaluation && (!known || waitUntilMs(evaluation) < waitUntilMs(known)))
      earliest.set(alloc.TaskGroup, evaluation);
  }
  if (earliest.size === 0) return null;
  const rows = [...earliest]
    .sort(([a], [b]) => byName(a, b))
    .map(([group, evaluation]) => [group, idOf(evaluation.ID, view), formatWhen(waitUntilMs(evaluation) * 1e6, view)]);
  return formatList([['Task Group', 'Eval ID', 'Eval Time'], ...rows]);
}

/** Instances that are waited for, since their nodes may come back: a sentence each. */
function formatLostNodes(allocations: readonly AllocStub[], view: View): string | null {
  const away = allocations.filter(({ Disconnected, DesiredStatus }) => Disconnected && DesiredStatus === 'run');
  if (away.length === 0) return null;
  return away
    .toSorted((a, b) => byName(a.Name, b.Name))
    .map(
      ({ ID, NodeName, Disconnected }) =>
        `${idOf(ID, view)}: ${disconnectedWords(NodeName, Disconnected!, view.nowMs)}`,
    )
    .join('\n');
}

const waitUntilMs = (evaluation: EvalView): number => Date.parse(evaluation.WaitUntil ?? '');

const isStillToCome =
  ({ nowMs }: View) =>
  (evaluation: EvalView): boolean =>
    evaluation.Status === 'pending' && waitUntilMs(evaluation) > nowMs;

const MOST_GROUPS = 5;

/** Of the newest evaluation that could not place everything, as long as one still waits for capacity. */
function formatPlacementFailure(evaluations: readonly EvalView[], view: View): string | null {
  const failed = newestFirst(evaluations).find(hasFailedPlacements);
  if (!failed || !evaluations.some((evaluation) => evaluation.Status === 'blocked')) return null;
  const groups = Object.entries(failed.FailedTGAllocs ?? {}).sort(([a], [b]) => byName(a, b));
  const lines = groups
    .slice(0, view.verbose ? groups.length : MOST_GROUPS)
    .flatMap(([group, metric]) => [
      `Task Group "${group}":`,
      ...placementReasons(metric).map((reason) => `  * ${reason}`),
    ]);
  const rest = view.verbose ? 0 : groups.length - MOST_GROUPS;
  const hint = `\n${rest} more groups could not be placed. To see all of them run:\nserin eval status ${idOf(failed.ID, view)}`;
  return lines.join('\n') + (rest > 0 ? hint : '');
}

const hasFailedPlacements = (evaluation: EvalView): boolean => Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0;

function allocRow(alloc: AllocStub, view: View): string[] {
  const wide = view.verbose ? [alloc.EvalID, alloc.NodeID, alloc.NodeName] : [idOf(alloc.NodeID, view)];
  return [
    idOf(alloc.ID, view),
    ...wide,
    alloc.TaskGroup,
    String(alloc.JobVersion),
    alloc.DesiredStatus,
    alloc.ClientStatus,
    formatWhen(alloc.CreateTime, view),
    formatWhen(alloc.ModifyTime, view),
  ];
}

const newestFirst = <T extends { readonly CreateIndex: number }>(things: readonly T[]): T[] =>
  [...things].sort((a, b) => b.CreateIndex - a.CreateIndex);
