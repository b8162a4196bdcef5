import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../root-route.tsx';

export const allocationRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/allocations/$allocId',
    component: lazyRouteComponent(() => import('./allocation-view.tsx'), 'AllocationView'),
  }),
] as const;
