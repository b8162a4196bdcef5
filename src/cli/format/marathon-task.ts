/** The list of tasks, and what a kill of some says. */
import type { MarathonKilled, MarathonTaskView } from '../../api/marathon-views.ts';
import { pythonBoolean } from './marathon-app.ts';
import { marathonTable } from './marathon-table.ts';

const COLUMNS = [
  { name: 'APP', left: true },
  { name: 'HEALTHY' },
  { name: 'STARTED' },
  { name: 'HOST' },
  { name: 'ID', left: true },
] as const;

/** "" where there is none. */
export function formatMarathonTasks(tasks: readonly MarathonTaskView[]): string {
  if (tasks.length === 0) return '';
  const rows = tasks.map(({ appId, startedAt, host, id, healthCheckResults }) => [
    appId,
    // Without a check (or before its first result) nothing speaks against it.
    pythonBoolean((healthCheckResults ?? []).every(({ alive }) => alive)),
    startedAt ?? 'N/A',
    host,
    id,
  ]);
  return marathonTable(COLUMNS, rows);
}

export const formatMarathonKill = (killed: MarathonKilled): string =>
  'tasks' in killed ? `Killed tasks: ${JSON.stringify(killed.tasks)}` : `Started deployment: ${JSON.stringify(killed)}`;
