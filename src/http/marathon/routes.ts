/** Every route of Marathon's API in the order in which they are tried; docs/marathon.md lists the same ones. */
import { appVersionRoutes } from './app-versions.ts';
import { appByIdRoutes, appRoutes } from './apps.ts';
import { deploymentRoutes } from './deployments.ts';
import type { MarathonDeps } from './deps.ts';
import { eventSubscriptionRoutes } from './event-subscriptions.ts';
import { eventRoutes } from './events.ts';
import { groupRoutes } from './groups.ts';
import { infoRoutes } from './info.ts';
import { metricsRoutes } from './metrics.ts';
import { podRoutes } from './pods.ts';
import { queueRoutes } from './queue.ts';
import type { MarathonRoute } from './route.ts';
import { taskRoutes } from './tasks.ts';

export const marathonRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  ...infoRoutes(deps),
  ...appRoutes(deps),
  ...taskRoutes(deps),
  ...appVersionRoutes(deps),
  ...appByIdRoutes(deps),
  ...deploymentRoutes(deps),
  ...groupRoutes(deps),
  ...queueRoutes(deps),
  ...eventRoutes(deps),
  ...eventSubscriptionRoutes(),
  ...metricsRoutes(deps),
  ...podRoutes(),
];
