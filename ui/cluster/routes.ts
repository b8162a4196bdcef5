import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../root-route.tsx';
import { topologySearch } from './topology-search.ts';

export const clusterRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/servers',
    component: lazyRouteComponent(() => import('./servers-view.tsx'), 'ServersView'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/topology',
    validateSearch: topologySearch,
    component: lazyRouteComponent(() => import('./topology-view.tsx'), 'TopologyView'),
  }),
] as const;
