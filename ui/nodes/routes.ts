import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { listSearch } from '../kit/list-search.ts';
import { rootRoute } from '../root-route.tsx';
import { nodeSearch } from './node-search.ts';

export const nodeRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/nodes',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./nodes-view.tsx'), 'NodesView'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/nodes/$nodeId',
    validateSearch: nodeSearch,
    component: lazyRouteComponent(() => import('./node-view.tsx'), 'NodeView'),
  }),
] as const;
