import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../root-route.tsx';
import { ingressSearch } from './ingress-search.ts';

export const ingressRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/ingress',
    validateSearch: ingressSearch,
    component: lazyRouteComponent(() => import('./ingress-view.tsx'), 'IngressView'),
  }),
] as const;
