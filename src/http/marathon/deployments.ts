/** /v2/deployments. */
import { type DeploymentView, deploymentView } from '../../marathon/deployment-view.ts';
import { MarathonNotFound } from '../../server/marathon/operations.ts';
import { type Answer, empty, json } from '../answer.ts';
import type { Call } from '../route.ts';
import { changed } from './answers.ts';
import { forcedBy } from './body.ts';
import type { MarathonDeps } from './deps.ts';
import type { MarathonRoute } from './route.ts';
import { readinessOf, readWorld, type World } from './world.ts';

export const deploymentRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  {
    path: '/v2/deployments',
    GET: async () => json(await readWorld(deps, listDeployments)),
  },
  { path: '/v2/deployments/{deployment}', DELETE: (call) => cancel(deps, call) },
];

const listDeployments = (world: World): DeploymentView[] =>
  world.deployments.map((row) => deploymentView(row, (app) => readinessOf(world, app)));

async function cancel(deps: MarathonDeps, call: Call): Promise<Answer> {
  const id = call.params.deployment ?? '';
  const forced = forcedBy(call);
  const result = await deps.marathon.cancelDeployment(id, forced);
  if (!result) throw new MarathonNotFound(`DeploymentPlan ${id} does not exist`);
  return forced.force ? empty(202) : changed(result);
}
