import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { listSearch } from '../kit/list-search.ts';
import { rootRoute } from '../root-route.tsx';

export const jobRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/jobs',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./jobs-view.tsx'), 'JobsView'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/jobs/$jobId',
    component: lazyRouteComponent(() => import('./job-view.tsx'), 'JobView'),
  }),
] as const;
