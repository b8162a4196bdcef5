/** /v1/system/gc: collects what has ended, at once. */
import { empty } from '../answer.ts';
import type { HttpDeps } from '../deps.ts';
import type { Route } from '../route.ts';

export const systemRoutes = ({ server }: HttpDeps): readonly Route[] => [
  {
    path: '/v1/system/gc',
    PUT: async () => {
      await server.collectGarbage();
      return empty();
    },
  },
];
