import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { listSearch } from '../kit/list-search.ts';
import { rootRoute } from '../root-route.tsx';

export const nodeRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/nodes',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./nodes-view.tsx'), 'NodesView'),
  }),
] as const;
