/** /metrics: the figures by which Marathon's people watch it, in its form. */
import { groupIds } from '../../marathon/root.ts';
import { json } from '../answer.ts';
import type { MarathonDeps } from './deps.ts';
import type { MarathonRoute } from './route.ts';
import { readWorld, tasksOf, type World } from './world.ts';

export const metricsRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  { path: '/metrics', GET: async () => json(await readWorld(deps, metricsOf)) },
];

function metricsOf(world: World): object {
  const tasks = [...world.root.apps.keys()].flatMap((id) => tasksOf(world, id));
  const count = (...states: string[]) => ({ value: tasks.filter(({ state }) => states.includes(state)).length });
  const gauges = {
    'service.mesosphere.marathon.app.count': { value: world.root.apps.size },
    'service.mesosphere.marathon.group.count': { value: groupIds(world.root).length },
    'service.mesosphere.marathon.deployment.active.count': { value: world.deployments.length },
    'service.mesosphere.marathon.task.running.count': count('TASK_RUNNING'),
    'service.mesosphere.marathon.task.staged.count': count('TASK_STAGING', 'TASK_STARTING'),
  };
  return { version: '3.0.0', gauges, counters: {}, histograms: {}, meters: {}, timers: {} };
}
