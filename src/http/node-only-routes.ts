/**
 * The routes of an agent without a server: what concerns this agent and what its node runs is answered here, all else is
 * handed on to a server, so that every agent of a cluster may be asked everything.
 */
import { SerinError } from '../lib/errors.ts';
import type { Answer } from './answer.ts';
import type { HttpDeps, NodeOperations } from './deps.ts';
import type { Elsewhere, Forward } from './forward.ts';
import { agentRoutes } from './nomad/agent.ts';
import { clientAllocationRoutes } from './nomad/client-allocation.ts';
import { clientExecRoutes } from './nomad/client-exec.ts';
import { clientFileRoutes } from './nomad/client-files.ts';
import { clientLogRoutes } from './nomad/client-logs.ts';
import { clientNodeRoutes } from './nomad/client-node.ts';
import type { Located } from './nomad/locate-alloc.ts';
import { metricsRoutes } from './nomad/metrics.ts';
import { pageRoutes } from './page.ts';
import type { Call, Handler, Route } from './route.ts';

export type NodeOnlyDeps = Pick<
  HttpDeps,
  'agent' | 'metrics' | 'clock' | 'forward' | 'forwardSocket' | 'node' | 'page'
>;

/** `servers`: "10.0.0.1:4646" or "https://10.0.0.1:4646", the preferred one first. */
export function nodeOnlyRoutes(deps: NodeOnlyDeps, servers: readonly string[]): readonly Route[] {
  const { clock, forward, forwardSocket, node } = deps;
  const aServer = () => elsewhereOf(servers[0] ?? refuseWithoutServer());
  const locate = (allocId: string): Located => (node && runsHere(node, allocId) ? { node } : { elsewhere: aServer() });
  const ask: Handler = (call) => askServers(servers.map(elsewhereOf), forward, call);
  return [
    ...agentRoutes(deps),
    ...metricsRoutes(deps),
    ...clientAllocationRoutes({ clock, forward, locate }),
    ...clientExecRoutes({ forwardSocket, locate }),
    ...clientFileRoutes({ clock, forward, locate }),
    ...clientLogRoutes({ clock, forward, locate }),
    ...clientNodeRoutes({ forward, ...(node && { node }), locateNode: aServer }),
    ...pageRoutes(deps.page),
    { path: '/v1/*', GET: ask, PUT: ask, DELETE: ask, streams: true },
  ];
}

/** A node that cannot say is asked, and says itself that it does not know the allocation. */
const runsHere = (node: NodeOperations, allocId: string): boolean => node.has?.(allocId) ?? true;

/** A read may be asked of the next server; a write may have been done although its answer was lost. */
async function askServers(servers: readonly Elsewhere[], forward: Forward, call: Call): Promise<Answer> {
  const asked = call.method === 'GET' ? servers : servers.slice(0, 1);
  for (const [at, server] of asked.entries()) {
    try {
      return await forward(server, call);
    } catch (error) {
      const isLast = at === asked.length - 1;
      if (isLast || !(error instanceof SerinError) || error.code !== 'unavailable') throw error;
    }
  }
  return refuseWithoutServer();
}

function elsewhereOf(server: string): Elsewhere {
  const [, scheme, HTTPAddr = server] = /^(https?):\/\/([^/]*)\/?$/.exec(server) ?? [];
  return { Name: 'the server', HTTPAddr, TLSEnabled: scheme === 'https' };
}

function refuseWithoutServer(): never {
  throw new SerinError(
    'unavailable',
    'This agent knows no server; name one in client { servers } of its configuration.',
  );
}
