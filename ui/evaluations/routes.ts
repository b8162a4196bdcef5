import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { listSearch } from '../kit/list-search.ts';
import { rootRoute } from '../root-route.tsx';

export const evaluationRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/evaluations',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./evaluations-view.tsx'), 'EvaluationsView'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/evaluations/$evalId',
    component: lazyRouteComponent(() => import('./evaluation-view.tsx'), 'EvaluationView'),
  }),
] as const;
