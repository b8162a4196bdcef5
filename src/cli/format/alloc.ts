/** An allocation as text: where it runs, how its tasks fare, what happened to them, what its checks and ingresses say. */
import type { AllocStatsView, AllocView, CheckView, ResourceUsage } from '../../api/views.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { AllocServiceStatus, AllocTraffic, TaskEvent, TaskState } from '../../model/allocation.ts';
import { disconnectedWords } from '../../model/disconnect.ts';
import { formatCheckTable } from './checks.ts';
import { formatScores } from './metrics.ts';
import { reschedulePairs } from './reschedule.ts';
import type { Style } from './style.ts';
import { formatKeyValues, formatList } from './table.ts';
import { formatTaskUsage } from './task-usage.ts';
import {
  byName,
  formatBytes,
  formatMegabytes,
  formatNanoTime,
  formatStamp,
  formatWhen,
  idOf,
  type View,
} from './words.ts';

type Pair = [key: string, value: string];

/** What the node says of it now; null: it does not say. */
export interface Measured {
  readonly usage: AllocStatsView | null;
  readonly checks: readonly CheckView[] | null;
  /** -stats */
  readonly wantsFigures: boolean;
  /** When another takes the place of one that failed. */
  readonly retryAtMs?: number | undefined;
}

export function formatAllocation(alloc: AllocView, measured: Measured, view: View, style: Style): string {
  const { usage, wantsFigures } = measured;
  const checks = measured.checks ?? [];
  const parts = [
    formatKeyValues([...headPairs(alloc, measured.retryAtMs, view), ...(view.verbose ? metricPairs(alloc) : [])]),
    titled('Allocation Addresses', formatAddresses(alloc), style),
    ...tasksOf(alloc).map(([name, state]) =>
      formatTask({ alloc, name, state, usage: usageOf(usage, name), wantsFigures }, style),
    ),
    titled('Services', formatServices(alloc.Services ?? [], { withChecks: checks.length === 0 }), style),
    titled('Checks', formatCheckTable(checks, view), style),
    titled('Placement Metrics', view.verbose && alloc.Metrics ? formatScores(alloc.Metrics) : '', style),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** `-short`: one line per task. */
export function formatAllocationShort(alloc: AllocView, view: View, style: Style): string {
  const head = formatKeyValues([
    ['ID', alloc.ID],
    ['Name', alloc.Name],
    ['Created', formatWhen(alloc.CreateTime, view)],
    ['Modified', formatWhen(alloc.ModifyTime, view)],
  ]);
  const rows = tasksOf(alloc).map(([name, state]) => {
    const last = state.Events.at(-1);
    return [name, state.State, last?.Type ?? '', last ? formatNanoTime(last.Time) : '', lifecycleOf(alloc, name)];
  });
  return `${head}\n\n${style.bold('Tasks')}\n${formatList([['Name', 'State', 'Last Event', 'Time', 'Lifecycle'], ...rows])}`;
}

const LIFECYCLES = ['prestart', 'main', 'poststart', 'poststop'];

/** In the order in which they run. */
function tasksOf(alloc: AllocView): [string, TaskState][] {
  const rank = (name: string) => LIFECYCLES.indexOf(lifecycleOf(alloc, name).split(' ')[0] ?? '');
  return Object.entries(alloc.TaskStates ?? {}).sort(([a], [b]) => rank(a) - rank(b) || byName(a, b));
}

const versionOf = (alloc: AllocView): string => String(alloc.Job?.Version ?? alloc.JobVersion ?? '');

function headPairs(alloc: AllocView, retryAtMs: number | undefined, view: View): Pair[] {
  return [
    ['ID', alloc.ID],
    ['Eval ID', idOf(alloc.EvalID, view)],
    ['Name', alloc.Name],
    ['Node ID', idOf(alloc.NodeID, view)],
    ['Node Name', alloc.NodeName],
    ['Job ID', alloc.JobID],
    ['Job Version', versionOf(alloc)],
    ['Client Status', alloc.ClientStatus],
    ['Client Description', alloc.ClientDescription ?? ''],
    ['Desired Status', alloc.DesiredStatus],
    ['Desired Description', alloc.DesiredDescription ?? ''],
    ...lostNodePairs(alloc, view),
    ['Created', formatWhen(alloc.CreateTime, view)],
    ['Modified', formatWhen(alloc.ModifyTime, view)],
    ...deploymentPairs(alloc, view),
    ...(alloc.NextAllocation ? ([['Replacement Alloc ID', idOf(alloc.NextAllocation, view)]] as Pair[]) : []),
    ...(alloc.FollowupEvalID ? ([['Follow-up Eval ID', idOf(alloc.FollowupEvalID, view)]] as Pair[]) : []),
    ...reschedulePairs(alloc, retryAtMs, view),
    ...trafficPairs(alloc),
  ];
}

/** Its row stays as it was while it is waited for. */
function lostNodePairs({ NodeName, Disconnected, DesiredStatus }: AllocView, { nowMs }: View): Pair[] {
  if (!Disconnected || DesiredStatus !== 'run') return [];
  return [['Waited For', disconnectedWords(NodeName, Disconnected, nowMs)]];
}

function deploymentPairs(alloc: AllocView, view: View): Pair[] {
  if (!alloc.DeploymentID) return [];
  const health = alloc.DeploymentStatus?.Healthy;
  return [
    ['Deployment ID', idOf(alloc.DeploymentID, view)],
    ['Deployment Health', health == null ? 'unset' : health ? 'healthy' : 'unhealthy'],
    ...(alloc.DeploymentStatus?.Canary ? ([['Canary', 'true']] as Pair[]) : []),
  ];
}

/** What the ingresses have acknowledged; nothing where none has a word in it. */
function trafficPairs(alloc: AllocView): Pair[] {
  if (!alloc.Traffic) return [];
  const { Owing: owing } = alloc.Traffic;
  const missing = owing.length > 0 ? `; not yet acknowledged by ${owing.join(', ')}` : '';
  return [['Traffic', trafficWords(alloc, alloc.Traffic) + missing]];
}

function trafficWords(alloc: AllocView, traffic: AllocTraffic): string {
  if (alloc.DesiredStatus === 'run') return traffic.Ready ? 'gets requests' : 'gets none yet';
  if (traffic.Drained) return 'drained: nothing is in flight';
  return traffic.Applied ? 'gets no new requests; some are in flight' : 'still gets requests';
}

function metricPairs({ Metrics: metrics }: AllocView): Pair[] {
  // Only the first instances of a large plan say why they went where they did.
  if (!metrics || metrics.NodesEvaluated === 0) return [];
  return [
    ['Evaluated Nodes', String(metrics.NodesEvaluated)],
    ['Filtered Nodes', String(metrics.NodesFiltered)],
    ['Exhausted Nodes', String(metrics.NodesExhausted)],
    ['Allocation Time', formatDuration(metrics.AllocationTime)],
    ['Failures', String(metrics.CoalescedFailures)],
  ];
}

function formatAddresses(alloc: AllocView): string {
  const ports = alloc.AllocatedResources?.Shared.Ports ?? [];
  if (ports.length === 0) return '';
  const rows = ports.map((port) => [
    `*${port.Label}`,
    isDynamic(alloc, port.Label) ? 'yes' : '',
    `${port.HostIP}:${port.Value}${port.To > 0 ? ` -> ${port.To}` : ''}`,
  ]);
  return formatList([['Label', 'Dynamic', 'Address'], ...rows], '');
}

function isDynamic(alloc: AllocView, label: string): boolean {
  const group = alloc.Job?.TaskGroups.find(({ Name }) => Name === alloc.TaskGroup);
  const isStatic = (group?.Networks ?? []).some((network) =>
    (network.ReservedPorts ?? []).some((port) => port.Label === label),
  );
  return !isStatic;
}

const titled = (title: string, body: string, style: Style): string =>
  body === '' ? '' : `${style.bold(title)}\n${body}`;

const usageOf = (stats: AllocStatsView | null, task: string): ResourceUsage | null =>
  stats?.Tasks?.[task]?.ResourceUsage ?? null;

function lifecycleOf(alloc: AllocView, task: string): string {
  const group = alloc.Job?.TaskGroups.find(({ Name }) => Name === alloc.TaskGroup);
  const lifecycle = group?.Tasks.find(({ Name }) => Name === task)?.Lifecycle;
  if (!lifecycle) return 'main';
  return lifecycle.Sidecar ? `${lifecycle.Hook} sidecar` : lifecycle.Hook;
}

interface ShownTask {
  readonly alloc: AllocView;
  readonly name: string;
  readonly state: TaskState;
  readonly usage: ResourceUsage | null;
  readonly wantsFigures: boolean;
}

function formatTask({ alloc, name, state, usage, wantsFigures }: ShownTask, style: Style): string {
  const lifecycle = lifecycleOf(alloc, name);
  const kind = lifecycle === 'main' ? '' : ` (${lifecycle})`;
  const figures = wantsFigures ? formatTaskUsage(usage, style) : '';
  return [
    style.bold(`Task "${name}"${kind} is "${state.State}"`),
    formatTaskResources(alloc, name, usage),
    ...(figures === '' ? [] : ['', figures]),
    '',
    'Task Events:',
    formatTaskTimes(state),
    '',
    'Recent Events:',
    formatEvents(state.Events),
  ].join('\n');
}

function formatTaskResources(alloc: AllocView, task: string, usage: ResourceUsage | null): string {
  const given = alloc.AllocatedResources?.Tasks?.[task];
  if (!given) return 'Task Resources\n(unknown)';
  const ticks = usage?.CpuStats?.TotalTicks;
  const bytes = usage?.MemoryStats?.RSS || usage?.MemoryStats?.Usage;
  const rows = [
    ['CPU', 'Memory', 'Disk', 'Addresses'],
    [
      `${ticks === undefined ? '' : `${Math.round(ticks)}/`}${given.Cpu.CpuShares} MHz`,
      `${bytes === undefined ? '' : `${formatBytes(bytes)}/`}${formatMegabytes(given.Memory.MemoryMB)}`,
      formatMegabytes(alloc.AllocatedResources?.Shared.DiskMB ?? 0),
      '',
    ],
    ...(given.Memory.MemoryMaxMB ? [['', `Max: ${formatMegabytes(given.Memory.MemoryMaxMB)}`, '', '']] : []),
  ];
  return `Task Resources\n${formatList(rows, '')}`;
}

function formatTaskTimes(state: TaskState): string {
  return formatKeyValues([
    ['Started At', formatStamp(state.StartedAt)],
    ['Finished At', formatStamp(state.FinishedAt)],
    ['Total Restarts', String(state.Restarts)],
    ['Last Restart', formatStamp(state.LastRestart)],
  ]);
}

function formatEvents(events: readonly TaskEvent[]): string {
  if (events.length === 0) return 'None so far';
  const rows = events.toReversed().map((event) => [formatNanoTime(event.Time), event.Type, eventText(event)]);
  return formatList([['Time', 'Type', 'Description'], ...rows], '');
}

const eventText = (event: TaskEvent): string =>
  (event.DisplayMessage || event.Message || event.DriverError || '').replaceAll('\n', ' ');

/** Ours: each service's checks with the last thing they said, which is where a failing deployment is explained. */
function formatServices(services: readonly AllocServiceStatus[], { withChecks }: { withChecks: boolean }): string {
  if (services.length === 0) return '';
  if (!withChecks) {
    const plain = services.map(({ Service, Status, Address, Port }) => [Service, Status, `${Address}:${Port}`]);
    return formatList([['Service', 'Status', 'Address'], ...plain], '-');
  }
  const rows = services.flatMap((service) => {
    const own = [service.Service, service.Status, `${service.Address}:${service.Port}`];
    if (service.Checks.length === 0) return [[...own, '', '', '']];
    return service.Checks.map((check) => [...own, check.Check, check.Status, oneLine(check.Output)]);
  });
  return formatList([['Service', 'Status', 'Address', 'Check', 'Result', 'Output'], ...rows], '-');
}

const MOST_OUTPUT = 100;

const oneLine = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > MOST_OUTPUT ? `${line.slice(0, MOST_OUTPUT)}…` : line;
};
