import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../root-route.tsx';

export const ingressRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/ingress',
    component: lazyRouteComponent(() => import('./ingress-view.tsx'), 'IngressView'),
  }),
] as const;
