/** /v1/status/… and /v1/regions: who leads, and where. */
import { json } from '../answer.ts';
import type { HttpDeps } from '../deps.ts';
import type { Route } from '../route.ts';

export const statusRoutes = ({ agent }: Pick<HttpDeps, 'agent'>): readonly Route[] => [
  { path: '/v1/status/leader', GET: () => json(agent.leader()) },
  { path: '/v1/status/peers', GET: () => json(agent.peers()) },
  { path: '/v1/regions', GET: () => json([agent.region]) },
];
