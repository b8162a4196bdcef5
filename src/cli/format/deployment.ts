/** A deployment as text: its figures per group. What it waits for stands in `explanation.ts`. */
import type { DeploymentView } from '../../api/views.ts';
import type { DeploymentState } from '../../model/deployment.ts';
import type { Style } from './style.ts';
import { formatKeyValues, formatList, type Row } from './table.ts';
import { byName, formatStamp, idOf, type View } from './words.ts';

/** `deployment status`: identity, status, the figures of each group. */
export function formatDeployment(deployment: DeploymentView, view: View, style: Style): string {
  const head = formatKeyValues([
    ['ID', idOf(deployment.ID, view)],
    ['Job ID', deployment.JobID],
    ['Job Version', String(deployment.JobVersion)],
    ...statusPairs(deployment),
  ]);
  return `${head}\n\n${formatDeployed(deployment, style)}`;
}

/** The same inside `job status`, which has said the job already. */
export function formatLatestDeployment(deployment: DeploymentView, view: View, style: Style): string {
  const head = formatKeyValues([['ID', idOf(deployment.ID, view)], ...statusPairs(deployment)]);
  return `${head}\n\n${formatDeployed(deployment, style)}`;
}

export function formatDeploymentList(deployments: readonly DeploymentView[], view: View): string {
  if (deployments.length === 0) return 'No deployments found';
  const rows = deployments.map((deployment) => [
    idOf(deployment.ID, view),
    deployment.JobID,
    String(deployment.JobVersion),
    deployment.Status,
    deployment.StatusDescription,
  ]);
  return formatList([['ID', 'Job ID', 'Job Version', 'Status', 'Description'], ...rows]);
}

const statusPairs = (deployment: DeploymentView): [string, string][] => [
  ['Status', deployment.Status],
  ['Description', deployment.StatusDescription],
];

interface Column {
  readonly title: string;
  /** A column stands only where some group has something to say in it. */
  readonly shown: (group: DeploymentState) => boolean;
  readonly cell: (group: DeploymentState) => string;
}

const hasCanaries = (group: DeploymentState): boolean => group.DesiredCanaries > 0;
const always = (): boolean => true;

const COLUMNS: readonly Column[] = [
  { title: 'Auto Revert', shown: (group) => group.AutoRevert, cell: (group) => String(group.AutoRevert) },
  {
    title: 'Promoted',
    shown: hasCanaries,
    cell: (group) => (hasCanaries(group) ? String(group.Promoted) : 'N/A'),
  },
  { title: 'Desired', shown: always, cell: (group) => String(group.DesiredTotal) },
  {
    title: 'Canaries',
    shown: hasCanaries,
    cell: (group) => (hasCanaries(group) ? String(group.DesiredCanaries) : 'N/A'),
  },
  { title: 'Placed', shown: always, cell: (group) => String(group.PlacedAllocs) },
  { title: 'Healthy', shown: always, cell: (group) => String(group.HealthyAllocs) },
  { title: 'Unhealthy', shown: always, cell: (group) => String(group.UnhealthyAllocs) },
];

function formatDeployed(deployment: DeploymentView, style: Style): string {
  const groups = Object.entries(deployment.TaskGroups).sort(([a], [b]) => byName(a, b));
  const columns = COLUMNS.filter(({ shown }) => groups.some(([, group]) => shown(group)));
  const withDeadline = groups.some(([, group]) => group.ProgressDeadline > 0);
  const deadline = (cell: string): Row => (withDeadline ? [cell] : []);
  return `${style.bold('Deployed')}\n${formatList([
    ['Task Group', ...columns.map(({ title }) => title), ...deadline('Progress Deadline')],
    ...groups.map(([name, group]) => [
      name,
      ...columns.map(({ cell }) => cell(group)),
      ...deadline(formatStamp(group.RequireProgressBy)),
    ]),
  ])}`;
}
