/**
 * What a deployment waits for, or why it failed: one screen, whoever reads it at whatever hour. Long for
 * `deployment status`, short for `job status`. A peer's answer, which has nothing of the kind, adds nothing.
 */
import type { DeploymentView } from '../../api/views.ts';
import { type DeploymentEvidence, type DeploymentFailure, DeploymentFailures } from '../../model/deployment.ts';
import {
  type ExplainedInstance,
  type GroupExplanation,
  type InstanceState,
  InstanceStates,
} from '../../model/deployment-explanation.ts';
import { formatEvidence } from './evidence.ts';
import { onOneLine } from './safe-text.ts';
import type { Style } from './style.ts';
import { formatList } from './table.ts';
import { type Branch, formatBranches, formatTree } from './tree.ts';
import { byName, idOf, type View } from './words.ts';

export interface ExplanationOptions extends View {
  /** The whole tree; or a few instances; or what is worth a line of its own in a log that goes on. */
  readonly detail: 'whole' | 'short' | 'news';
}

/** The section with its title, or "" where there is nothing to say. */
export function formatExplanation(deployment: DeploymentView, options: ExplanationOptions, style: Style): string {
  return explanationLines(deployment, options, style).join('\n');
}

export function explanationLines(deployment: DeploymentView, options: ExplanationOptions, style: Style): string[] {
  if (deployment.Blocker) return waitingLines(deployment, options, style);
  if (deployment.Status === 'failed' && deployment.Failure) return failedLines(deployment, options, style);
  return [];
}

// What it waits for ---------------------------------------------------------------------------------------------------

function waitingLines(deployment: DeploymentView, options: ExplanationOptions, style: Style): string[] {
  const groups = deployment.Explanation?.Groups ?? [];
  const blocker = deployment.Blocker!;
  const only = groups.length === 1 ? groups[0] : undefined;
  return [
    style.bold('Waiting for'),
    onOneLine(blocker.Message, 400),
    ...(only ? [onOneLine(only.Timer.Message)] : []),
    ...TREES[options.detail](deployment, groups, options, style),
    ...tryLines(blocker.Command, options, style),
  ];
}

type Tree = (deployment: DeploymentView, groups: readonly GroupExplanation[], view: View, style: Style) => string[];

const TREES: Readonly<Record<ExplanationOptions['detail'], Tree>> = {
  whole: (...all) => parted(wholeTree(...all)),
  short: (_, groups, view, style) => shortTree(groups, view, style),
  news: (deployment, groups, view, style) => groups.flatMap((group) => newsOf(deployment, group, groups, view, style)),
};

const parted = (lines: readonly string[]): string[] => (lines.length > 0 ? ['', ...lines] : []);

function tryLines(command: string | undefined, { detail }: ExplanationOptions, style: Style): string[] {
  if (!command) return [];
  return [...(detail === 'whole' ? [''] : []), `Try: ${style.bold(command)}`];
}

/** Those that are well are counted by the table above. */
function newsOf(
  deployment: DeploymentView,
  group: GroupExplanation,
  { length }: readonly GroupExplanation[],
  view: View,
  style: Style,
): string[] {
  const Instances = group.Instances.filter(({ State }) => TROUBLE.includes(State));
  return formatBranches([
    ...(length > 1 ? ownWait(group) : []),
    ...facts(group, deployment.Blocker?.Reason).map((text) => ({ text: onOneLine(text) })),
    ...instanceBranches({ ...group, Instances, Others: {} }, MOST_LINES, view, style),
  ]);
}

function wholeTree(
  deployment: DeploymentView,
  groups: readonly GroupExplanation[],
  view: View,
  style: Style,
): string[] {
  if (groups.length === 0) return [];
  const most = Math.max(3, Math.floor(MOST_LINES / groups.length));
  return formatTree({
    text: rootText(deployment, view),
    children: groups.map((group) => ({
      text: `group ${group.Name}: ${figures(deployment, group.Name)}`,
      children: [
        ...(groups.length > 1 ? ownWait(group) : []),
        ...facts(group, deployment.Blocker?.Reason).map((text) => ({ text: onOneLine(text) })),
        ...instanceBranches(group, most, view, style),
      ],
    })),
  });
}

const MOST_LINES = 10;

const rootText = ({ ID, JobID, JobVersion }: DeploymentView, view: View): string =>
  `deployment ${idOf(ID, view)}: ${JobID} version ${JobVersion}`;

function figures({ TaskGroups }: DeploymentView, name: string): string {
  const state = TaskGroups[name];
  if (!state) return '';
  const canaries = state.DesiredCanaries > 0 && !state.Promoted ? `, ${canaryWords(state.DesiredCanaries)} first` : '';
  return `${state.HealthyAllocs} of ${state.DesiredTotal} healthy${canaries}`;
}

const canaryWords = (count: number): string => (count === 1 ? '1 canary' : `${count} canaries`);

/** Where there are several groups, each says what holds it back and for how long. */
function ownWait({ Blocker, Timer }: GroupExplanation): Branch[] {
  return Blocker ? [{ text: onOneLine(Blocker.Message) }, { text: onOneLine(Timer.Message) }] : [];
}

function facts({ Traffic, Capacity }: GroupExplanation, said: string | undefined): string[] {
  const reasons = (Capacity?.Reasons ?? []).map(({ Message }) => Message).join(', ');
  const missing = Capacity && said !== 'capacity' ? [`${Capacity.Missing} find no place: ${reasons}`] : [];
  return [...(Traffic ? [Traffic.Message] : []), ...missing];
}

/** Aligned among themselves; the clause comes last, so colours move nothing. */
function instanceBranches(group: GroupExplanation, most: number, view: View, style: Style): Branch[] {
  const shown = group.Instances.slice(0, most);
  const withCanaries = shown.some(({ Canary }) => Canary);
  const rows = shown.map((instance) => [
    idOf(instance.AllocID, view),
    `version ${instance.JobVersion}`,
    ...(withCanaries ? [instance.Canary ? 'canary' : '      '] : []),
    `on ${instance.NodeName}`,
    paint(instance, style)(onOneLine(instance.Message)),
  ]);
  const rest = others(group, most);
  return [
    ...(rows.length > 0
      ? formatList(rows)
          .split('\n')
          .map((text) => ({ text }))
      : []),
    ...(rest === '' ? [] : [{ text: rest }]),
  ];
}

/** "and 40 more that are healthy", "and 7 more: 5 healthy, 2 draining". */
function others({ Instances, Others }: GroupExplanation, most: number): string {
  const counts: Partial<Record<InstanceState, number>> = { ...Others };
  for (const { State } of Instances.slice(most)) counts[State] = (counts[State] ?? 0) + 1;
  const states = (Object.keys(InstanceStates) as InstanceState[]).filter((state) => counts[state]);
  const total = states.reduce((sum, state) => sum + counts[state]!, 0);
  if (total === 0) return '';
  if (total === counts.healthy) return `and ${total} more that ${total === 1 ? 'is' : 'are'} healthy`;
  return `and ${total} more: ${states.map((state) => `${counts[state]} ${OTHERS[state]}`).join(', ')}`;
}

const OTHERS: Readonly<Record<InstanceState, string>> = {
  failed: 'failed',
  lost: 'lost',
  unhealthy: 'unhealthy',
  restarting: 'restarting',
  check: 'with a failing check',
  ingress: 'waiting for an ingress',
  starting: 'starting',
  manual: 'waiting to be judged',
  proving: 'not yet healthy for long enough',
  draining: 'draining',
  healthy: 'healthy',
  old: 'running as before',
  warm: 'kept warm',
};

const TROUBLE: readonly InstanceState[] = ['failed', 'lost', 'unhealthy', 'restarting', 'check', 'ingress'];

function paint({ State }: ExplainedInstance, style: Style): (text: string) => string {
  if (TROUBLE.includes(State)) return style.red;
  if (State === 'healthy') return style.green;
  return State === 'old' || State === 'warm' ? style.dim : style.yellow;
}

const FEW = 3;

function shortTree(groups: readonly GroupExplanation[], view: View, style: Style): string[] {
  const waiting = groups.find(({ Blocker }) => Blocker) ?? groups[0];
  return waiting ? formatBranches(instanceBranches(waiting, FEW, view, style)) : [];
}

// Why it failed -------------------------------------------------------------------------------------------------------

function failedLines(deployment: DeploymentView, options: ExplanationOptions, style: Style): string[] {
  const { Evidence = [], FailureDetail } = deployment;
  const evidence = Evidence ?? [];
  const head = [
    style.bold('Why it failed'),
    `${reasonOf(deployment.Failure!)} (${deployment.Failure})`,
    ...(FailureDetail ? [`when its time was over: ${onOneLine(FailureDetail, 400)}`] : []),
  ];
  if (options.detail === 'short') return [...head, ...shortEvidence(deployment, evidence, options, style)];
  return [
    ...head,
    ...(evidence.length > 0 ? ['', ...evidenceTree(deployment, evidence, options, style)] : []),
    ...tryLines(commandFor(deployment, evidence, options), { ...options, detail: 'whole' }, style),
  ];
}

const reasonOf = (failure: DeploymentFailure): string => DeploymentFailures[failure] ?? failure;

function shortEvidence(
  deployment: DeploymentView,
  evidence: readonly DeploymentEvidence[],
  options: ExplanationOptions,
  style: Style,
): string[] {
  const [first] = evidence;
  const more = evidence.length > 1 ? ` (and ${evidence.length - 1} more)` : '';
  const line =
    first && `instance ${idOf(first.AllocID, options)} on ${first.NodeName}: ${onOneLine(first.Trouble)}${more}`;
  return [
    ...(line ? [line] : []),
    ...tryLines(`serin deployment status ${idOf(deployment.ID, options)}`, options, style),
  ];
}

function evidenceTree(
  deployment: DeploymentView,
  evidence: readonly DeploymentEvidence[],
  view: View,
  style: Style,
): string[] {
  const names = [...new Set(evidence.map(({ TaskGroup }) => TaskGroup))].sort(byName);
  const isDetailed = (each: DeploymentEvidence) => view.verbose || each === evidence[0];
  const groups = names.map((name) => ({
    text: `group ${name}: ${figures(deployment, name)}`,
    children: evidence
      .filter(({ TaskGroup }) => TaskGroup === name)
      .map((each) => formatEvidence(each, { view, detailed: isDetailed(each) }, style)),
  }));
  const hint = view.verbose || evidence.length < 2 ? [] : ['(-verbose shows as much of all of them)'];
  return [...formatTree({ text: rootText(deployment, view), children: groups }), ...hint];
}

/** The whole of what was cut short here, where it is still to be had. */
function commandFor(deployment: DeploymentView, evidence: readonly DeploymentEvidence[], view: View): string {
  const [first] = evidence;
  if (!first) return `serin job status -evals ${deployment.JobID}`;
  const wrote = Object.values(first.Output).some(({ Stderr }) => Stderr !== '');
  return `serin alloc ${wrote ? 'logs -stderr' : 'status'} ${idOf(first.AllocID, view)}`;
}
