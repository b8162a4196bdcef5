/** How the tasks of an app are, by when they began: what Marathon's own page shows beside a deployment. */
import type { AppState } from './root.ts';
import { isAlive, type MarathonTask } from './task-view.ts';

interface Source {
  readonly state: AppState;
  readonly tasks: readonly MarathonTask[];
  readonly nowMs: number;
}

interface Stats {
  readonly counts: {
    readonly staged: number;
    readonly running: number;
    readonly healthy: number;
    readonly unhealthy: number;
  };
  readonly lifeTime?: { readonly averageSeconds: number; readonly medianSeconds: number };
}

type StatsKind = 'startedAfterLastScaling' | 'withLatestConfig' | 'withOutdatedConfig' | 'totalSummary';
/** A kind without a task is missing. */
export type TaskStats = { readonly [Kind in StatsKind]?: { readonly stats: Stats } };

export function taskStats(source: Source): TaskStats {
  const { tasks, state } = source;
  const { lastScalingAt, lastConfigChangeAt } = state.at;
  const kinds: Record<StatsKind, readonly MarathonTask[]> = {
    startedAfterLastScaling: tasks.filter(({ stagedAt }) => stagedAt >= lastScalingAt),
    withLatestConfig: tasks.filter(({ version }) => version >= lastConfigChangeAt),
    withOutdatedConfig: tasks.filter(({ version }) => version < lastConfigChangeAt),
    totalSummary: tasks,
  };
  const filled = Object.entries(kinds).filter(([, each]) => each.length > 0);
  return Object.fromEntries(filled.map(([kind, each]) => [kind, { stats: statsOf(each, source) }]));
}

function statsOf(tasks: readonly MarathonTask[], { state: { app }, nowMs }: Source): Stats {
  const count = (holds: (task: MarathonTask) => boolean): number => tasks.filter(holds).length;
  const ages = tasks
    .flatMap(({ startedAt }) => (startedAt ? [(nowMs - Date.parse(startedAt)) / 1000] : []))
    .sort((a, b) => a - b);
  return {
    counts: {
      staged: count(({ state }) => state === 'TASK_STAGING' || state === 'TASK_STARTING'),
      running: count(({ state }) => state === 'TASK_RUNNING'),
      healthy: count((task) => isAlive(task, app) === true),
      unhealthy: count((task) => isAlive(task, app) === false),
    },
    ...(ages.length > 0 && {
      lifeTime: {
        averageSeconds: ages.reduce((sum, age) => sum + age, 0) / ages.length,
        medianSeconds: ages[Math.floor(ages.length / 2)]!,
      },
    }),
  };
}
