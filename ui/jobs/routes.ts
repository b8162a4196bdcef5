import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../root-route.tsx';
import { allocationSearch, definitionSearch, jobsSearch, versionSearch } from './searches.ts';

const jobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs/$jobId',
  component: lazyRouteComponent(() => import('./job-view.tsx'), 'JobView'),
});

const views = [
  createRoute({
    getParentRoute: () => jobRoute,
    path: '/',
    component: lazyRouteComponent(() => import('./overview-view.tsx'), 'OverviewView'),
  }),
  createRoute({
    getParentRoute: () => jobRoute,
    path: 'allocations',
    validateSearch: allocationSearch,
    component: lazyRouteComponent(() => import('./allocations-view.tsx'), 'AllocationsView'),
  }),
  createRoute({
    getParentRoute: () => jobRoute,
    path: 'versions',
    validateSearch: versionSearch,
    component: lazyRouteComponent(() => import('./versions-view.tsx'), 'VersionsView'),
  }),
  createRoute({
    getParentRoute: () => jobRoute,
    path: 'evaluations',
    component: lazyRouteComponent(() => import('./job-evaluations-view.tsx'), 'JobEvaluationsView'),
  }),
  createRoute({
    getParentRoute: () => jobRoute,
    path: 'definition',
    validateSearch: definitionSearch,
    component: lazyRouteComponent(() => import('./definition-view.tsx'), 'DefinitionView'),
  }),
  createRoute({
    getParentRoute: () => jobRoute,
    path: 'edit',
    component: lazyRouteComponent(() => import('./edit-view.tsx'), 'EditView'),
  }),
] as const;

export const jobRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/jobs',
    validateSearch: jobsSearch,
    component: lazyRouteComponent(() => import('./jobs-view.tsx'), 'JobsView'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/run',
    component: lazyRouteComponent(() => import('./run-view.tsx'), 'RunView'),
  }),
  jobRoute.addChildren(views),
] as const;
