/**
 * An app as Marathon 1.4 answers it: every key of its own, nulls included, and of what goes on the parts that were asked
 * for. Nothing of ours is added: some clients fail on any other key.
 */
import type { MarathonApp } from './app.ts';
import type { ReadinessCheckResult } from './readiness.ts';
import type { AppState } from './root.ts';
import { type TaskStats, taskStats } from './task-stats.ts';
import { isAlive, type MarathonTask, type MarathonTaskState } from './task-view.ts';

export const EMBEDS = ['tasks', 'counts', 'deployments', 'readiness', 'lastTaskFailure', 'taskStats'] as const;
export type Embed = (typeof EMBEDS)[number];
export type Embeds = ReadonlySet<Embed>;

export interface TaskFailure {
  readonly appId: string;
  readonly host: string;
  readonly message: string;
  readonly slaveId: string;
  readonly state: MarathonTaskState;
  readonly taskId: string;
  readonly timestamp: string;
  readonly version: string;
}

export interface AppSource {
  readonly state: AppState;
  readonly tasks: readonly MarathonTask[];
  /** The ids of those that hold it. */
  readonly deployments: readonly string[];
  readonly lastTaskFailure?: TaskFailure | undefined;
  readonly readiness: readonly ReadinessCheckResult[];
  readonly nowMs: number;
}

export interface TaskCounts {
  readonly tasksStaged: number;
  readonly tasksRunning: number;
  readonly tasksHealthy: number;
  readonly tasksUnhealthy: number;
}

export interface AppView extends MarathonApp, Partial<TaskCounts> {
  readonly version: string;
  readonly versionInfo?: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string };
  readonly deployments?: readonly { readonly id: string }[];
  readonly tasks?: readonly MarathonTask[];
  readonly lastTaskFailure?: TaskFailure;
  readonly readinessCheckResults?: readonly ReadinessCheckResult[];
  readonly taskStats?: TaskStats;
}

export function appView(source: AppSource, embeds: Embeds): AppView {
  const { state, tasks, deployments, lastTaskFailure, readiness } = source;
  const { app } = state;
  return {
    ...appOf(state),
    ...(embeds.has('counts') && countsOf(tasks, app)),
    ...(embeds.has('deployments') && { deployments: deployments.map((id) => ({ id })) }),
    ...(embeds.has('tasks') && { tasks }),
    ...(embeds.has('readiness') && { readinessCheckResults: readiness }),
    ...(embeds.has('lastTaskFailure') && lastTaskFailure && { lastTaskFailure }),
    ...(embeds.has('taskStats') && { taskStats: taskStats(source) }),
  };
}

/** The app itself, as each of its versions is answered. */
export function appOf({ app, at }: AppState): AppView {
  const { version, lastScalingAt, lastConfigChangeAt } = at;
  return { ...app, version, versionInfo: { lastScalingAt, lastConfigChangeAt } };
}

/** The answer to the one who has just made it: nothing of it runs, and nothing is known of its versions. */
export function newAppView(state: AppState, deploymentId: string): AppView {
  const { versionInfo: _, ...app } = appOf(state);
  return { ...app, ...countsOf([], state.app), deployments: [{ id: deploymentId }], tasks: [] };
}

export function countsOf(tasks: readonly MarathonTask[], app: MarathonApp): TaskCounts {
  const count = (holds: (task: MarathonTask) => boolean): number => tasks.filter(holds).length;
  return {
    tasksStaged: count(({ state }) => state === 'TASK_STAGING' || state === 'TASK_STARTING'),
    tasksRunning: count(({ state }) => state === 'TASK_RUNNING'),
    tasksHealthy: count((task) => isAlive(task, app) === true),
    tasksUnhealthy: count((task) => isAlive(task, app) === false),
  };
}

/** The parts that `embed=` names, with or without the prefix of what they stand in; what nobody knows is passed over. */
export function embedsOf(names: readonly string[], always: readonly Embed[] = []): Embeds {
  const embeds = new Set<Embed>(always);
  for (const name of names.map((each) => each.replace(/^(group\.apps|apps|app)\./, ''))) {
    for (const embed of MEANING[name] ?? []) embeds.add(embed);
  }
  return embeds;
}

const MEANING: Readonly<Record<string, readonly Embed[]>> = {
  tasks: ['tasks', 'deployments'],
  counts: ['counts'],
  deployments: ['deployments'],
  readiness: ['readiness'],
  lastTaskFailure: ['lastTaskFailure'],
  failures: ['tasks', 'deployments', 'lastTaskFailure'],
  taskStats: ['taskStats'],
};
