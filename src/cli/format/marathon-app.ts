/** The list of apps. */
import type { MarathonAppView, MarathonDeploymentView, MarathonQueueItem } from '../../api/marathon-views.ts';
import { actionWord } from './marathon-deployment.ts';
import { marathonTable } from './marathon-table.ts';

const COLUMNS = [
  { name: 'ID', left: true },
  { name: 'MEM' },
  { name: 'CPUS' },
  { name: 'TASKS' },
  { name: 'HEALTH' },
  { name: 'DEPLOYMENT' },
  { name: 'WAITING', left: true },
  { name: 'CONTAINER' },
  { name: 'CMD', left: true },
] as const;

/** "" where there is none. */
export function formatMarathonApps(
  apps: readonly MarathonAppView[],
  deployments: readonly MarathonDeploymentView[],
  queue: readonly MarathonQueueItem[],
): string {
  if (apps.length === 0) return '';
  const rows = apps.map((app) => [
    app.id,
    String(app.mem),
    String(app.cpus),
    `${app.tasksRunning}/${app.instances}`,
    app.healthChecks.length > 0 ? `${app.tasksHealthy}/${app.instances}` : '---',
    deploymentOf(app, deployments),
    pythonBoolean(queue.some((item) => item.app?.id === app.id && item.delay.overdue)),
    (app.container?.type ?? 'mesos').toLowerCase(),
    shortened(app.cmd ?? (app.args && app.args.length > 0 ? app.args.join(' ') : '')),
  ]);
  return marathonTable(COLUMNS, rows);
}

/** As these tables write it. */
export const pythonBoolean = (value: boolean): string => (value ? 'True' : 'False');

function deploymentOf({ id }: MarathonAppView, deployments: readonly MarathonDeploymentView[]): string {
  const action = deployments.flatMap(({ currentActions }) => currentActions).find(({ app }) => app === id);
  return action ? actionWord(action.action) : '---';
}

const LONGEST_COMMAND = 35;

/** Cut between words where that can be. */
export function shortened(command: string): string {
  const line = command.replaceAll(/\s+/g, ' ');
  if (line.length <= LONGEST_COMMAND) return line;
  const room = LONGEST_COMMAND - '...'.length;
  const end = line.lastIndexOf(' ', room);
  return `${line.slice(0, end > 0 ? end : room)}...`;
}
