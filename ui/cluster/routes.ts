import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../root-route.tsx';

export const clusterRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/servers',
    component: lazyRouteComponent(() => import('./servers-view.tsx'), 'ServersView'),
  }),
] as const;
