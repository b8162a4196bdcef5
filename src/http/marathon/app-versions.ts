/** /v2/apps/{id}/versions. */
import { appOf } from '../../marathon/app-view.ts';
import { json } from '../answer.ts';
import { versionText } from './answers.ts';
import { idOf } from './apps.ts';
import type { MarathonDeps } from './deps.ts';
import type { MarathonRoute } from './route.ts';
import { versionOf, versionsOf } from './versions.ts';
import { knownApp, readWorld } from './world.ts';

export const appVersionRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  {
    path: '/v2/apps/{id}/versions/{version}',
    GET: async (call) => {
      const id = idOf(call);
      const version = versionText(call.params.version ?? '');
      return json(await readWorld(deps, (world) => appOf(versionOf(world, id, version))));
    },
  },
  {
    path: '/v2/apps/{id}/versions',
    GET: async (call) => {
      const id = idOf(call);
      const states = await readWorld(deps, (world) => {
        knownApp(world, id);
        return versionsOf(world, id);
      });
      return json({ versions: states.map(({ at }) => at.version) });
    },
  },
];
