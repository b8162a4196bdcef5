/** Every address of the page: each area brings its own. What an address holds beside its path stands with its view. */
import { createRoute, createRouter, redirect } from '@tanstack/react-router';
import { allocationRoutes } from './allocations/routes.ts';
import { clusterRoutes } from './cluster/routes.ts';
import { evaluationRoutes } from './evaluations/routes.ts';
import { ingressRoutes } from './ingress/routes.ts';
import { jobRoutes } from './jobs/routes.ts';
import { nodeRoutes } from './nodes/routes.ts';
import { releaseRoutes } from './release/routes.ts';
import { rootRoute } from './root-route.tsx';

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/jobs' });
  },
});

const routeTree = rootRoute.addChildren([
  home,
  ...jobRoutes,
  ...releaseRoutes,
  ...allocationRoutes,
  ...nodeRoutes,
  ...ingressRoutes,
  ...clusterRoutes,
  ...evaluationRoutes,
]);

export const pageRouter = createRouter({ routeTree, basepath: '/ui', scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof pageRouter;
  }
}
