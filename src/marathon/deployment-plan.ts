/** What a change does, step by step: Marathon's own order, from the world as it is to the world as it is to be. */
import { isDeepStrictEqual } from 'node:util';
import type { AppState, Root } from './root.ts';
import { layersOf } from './root.ts';

/** The wire's words; clients fail on any other. */
export type DeploymentAction = 'StartApplication' | 'StopApplication' | 'ScaleApplication' | 'RestartApplication';

export interface PlannedAction {
  readonly action: DeploymentAction;
  readonly app: string;
}

export interface DeploymentStep {
  readonly actions: readonly PlannedAction[];
}

/**
 * Removed apps stop; new ones start with no instance; then, layer by layer of dependencies, what is new or has another
 * count is scaled and what says something else is restarted. A step is done before the next begins.
 *
 *   a new app              → Start, Scale
 *   another count          → Scale
 *   another command        → Restart
 *   both                   → Restart
 *   app is gone            → Stop
 *   nothing                → no step: the deployment ends at once
 *
 * `kills`: apps of which somebody stops instances for good. Dependencies must not go in a circle (validated).
 */
export function planDeployment(from: Root, to: Root, kills: ReadonlySet<string> = new Set()): DeploymentStep[] {
  const gone = [...from.apps.keys()].filter((id) => !to.apps.has(id)).sort();
  const added = [...to.apps.keys()].filter((id) => !from.apps.has(id)).sort();
  const layers = layersOf(to, [...to.apps.keys()]) ?? [[...to.apps.keys()]];
  const moves = layers.map((ids) =>
    ids.flatMap((app) => moveOf(from.apps.get(app), to.apps.get(app)!, kills.has(app))),
  );
  return [
    gone.map((app): PlannedAction => ({ action: 'StopApplication', app })),
    added.map((app): PlannedAction => ({ action: 'StartApplication', app })),
    ...moves,
  ]
    .filter((actions) => actions.length > 0)
    .map((actions) => ({ actions }));
}

function moveOf(before: AppState | undefined, after: AppState, kills: boolean): PlannedAction[] {
  const app = after.app.id;
  if (!before) return [{ action: 'ScaleApplication', app }];
  if (after.app.instances === 0 && before.app.instances > 0) return [{ action: 'ScaleApplication', app }];
  if (isChanged(before, after)) return [{ action: 'RestartApplication', app }];
  return kills || before.app.instances !== after.app.instances ? [{ action: 'ScaleApplication', app }] : [];
}

/** It says something else than its count, or somebody asked for a restart. */
export function isChanged(before: AppState, after: AppState): boolean {
  const { instances: _, ...was } = before.app;
  const { instances: __, ...is } = after.app;
  return before.restartedAt !== after.restartedAt || !isDeepStrictEqual(was, is);
}

/** The apps whose lock a deployment holds. */
export const affectedApps = (steps: readonly DeploymentStep[]): string[] => [
  ...new Set(steps.flatMap(({ actions }) => actions.map(({ app }) => app))),
];
