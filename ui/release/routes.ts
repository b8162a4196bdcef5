import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { listSearch } from '../kit/list-search.ts';
import { rootRoute } from '../root-route.tsx';

export const releaseRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/deployments',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./deployments-view.tsx'), 'DeploymentsView'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/deployments/$deploymentId',
    component: lazyRouteComponent(() => import('./release-view.tsx'), 'ReleaseView'),
  }),
] as const;
