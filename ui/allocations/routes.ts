/** One allocation and its sub-views, each at its own address. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../root-route.tsx';
import { filesSearch, logsSearch, terminalSearch } from './search.ts';

const allocation = createRoute({
  getParentRoute: () => rootRoute,
  path: '/allocations/$allocId',
  component: lazyRouteComponent(() => import('./allocation-view.tsx'), 'AllocationView'),
});

export const allocationRoutes = [
  allocation.addChildren([
    createRoute({
      getParentRoute: () => allocation,
      path: '/',
      component: lazyRouteComponent(() => import('./overview.tsx'), 'Overview'),
    }),
    createRoute({
      getParentRoute: () => allocation,
      path: '/logs',
      validateSearch: logsSearch,
      component: lazyRouteComponent(() => import('./logs-view.tsx'), 'LogsView'),
    }),
    createRoute({
      getParentRoute: () => allocation,
      path: '/files',
      validateSearch: filesSearch,
      component: lazyRouteComponent(() => import('./files-view.tsx'), 'FilesView'),
    }),
    createRoute({
      getParentRoute: () => allocation,
      path: '/terminal',
      validateSearch: terminalSearch,
      component: lazyRouteComponent(() => import('./terminal-view.tsx'), 'TerminalView'),
    }),
  ]),
] as const;
