/** The list of Marathon's deployments, and how far one of them is. */
import type { MarathonAppView, MarathonDeploymentView } from '../../api/marathon-views.ts';
import { marathonTable } from './marathon-table.ts';

const COLUMNS = [
  { name: 'APP', left: true },
  { name: 'POD', left: true },
  { name: 'ACTION', left: true },
  { name: 'PROGRESS' },
  { name: 'ID', left: true },
] as const;

export const formatMarathonDeployments = (deployments: readonly MarathonDeploymentView[]): string =>
  marathonTable(
    COLUMNS,
    deployments.map(({ id, affectedApps, currentActions, currentStep, totalSteps }) => [
      affectedApps.length === 0 ? '-' : affectedApps.join('\n'),
      '-',
      currentActions.map(({ action }) => actionWord(action)).join('\n'),
      `${currentStep - 1}/${totalSteps}`,
      id,
    ]),
  );

/** "ScaleApplication" → "scale". */
export const actionWord = (action: string): string => action.replace(/(Application|Pod)$/, '').toLowerCase();

/** What the current step does, app by app: "/web  scale  2/4 running, 1/4 healthy". */
export function formatMarathonProgress(
  { id, currentStep, totalSteps, currentActions }: MarathonDeploymentView,
  apps: readonly MarathonAppView[],
): string {
  const width = Math.max(0, ...currentActions.map(({ app = '' }) => app.length));
  const lines = currentActions.map(({ action, app = '' }) => {
    const view = apps.find((each) => each.id === app);
    return `  ${app.padEnd(width)}  ${actionWord(action).padEnd('restart'.length)}  ${view ? countsOf(view) : 'gone'}`;
  });
  return [`Deployment ${id}: step ${currentStep} of ${totalSteps}`, ...lines].join('\n');
}

function countsOf({ tasksRunning, tasksHealthy, tasksStaged, instances, healthChecks }: MarathonAppView): string {
  const healthy = healthChecks.length > 0 ? `, ${tasksHealthy}/${instances} healthy` : '';
  return `${tasksRunning}/${instances} running${healthy}${tasksStaged > 0 ? `, ${tasksStaged} starting` : ''}`;
}
