/**
 * The API of an agent that is no server: what concerns its own allocations it answers itself, everything else it hands
 * to a server, so that every agent of a cluster can be asked.
 */
import type { FastifyInstance } from 'fastify';
import type { HttpDeps } from '../http/deps.ts';
import { bindRoutes } from '../http/http-server.ts';
import { nodeOnlyRoutes } from '../http/node-only-routes.ts';

export function createNodeApi(
  serverUrls: readonly string[],
  deps: Omit<HttpDeps, 'server' | 'state' | 'planIngressTable'>,
): FastifyInstance {
  return bindRoutes(deps, nodeOnlyRoutes(deps, serverUrls));
}
