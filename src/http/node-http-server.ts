/**
 * The API of an agent without a server: what concerns this agent and what its node runs is answered here, all else is
 * handed on to a server, so that every agent of a cluster may be asked everything.
 */
import type { FastifyInstance } from 'fastify';
import { SerinError } from '../lib/errors.ts';
import type { Answer } from './answer.ts';
import type { HttpDeps, NodeOperations } from './deps.ts';
import type { Elsewhere } from './forward.ts';
import { bindRoutes } from './http-server.ts';
import { agentRoutes } from './nomad/agent.ts';
import { clientAllocationRoutes } from './nomad/client-allocation.ts';
import { clientLogRoutes } from './nomad/client-logs.ts';
import { metricsRoutes } from './nomad/metrics.ts';
import type { Call } from './route.ts';

export interface NodeHttpDeps
  extends Pick<HttpDeps, 'agent' | 'metrics' | 'tokens' | 'hosts' | 'clock' | 'log' | 'forward' | 'bodyLimitBytes'> {
  /** Absent on an agent that is an ingress only. */
  readonly node?: NodeOperations & { has(allocId: string): boolean };
  /** "10.0.0.1:4646" or "https://10.0.0.1:4646", the preferred one first. */
  readonly servers: () => readonly string[];
}

export function createNodeHttpServer(deps: NodeHttpDeps): FastifyInstance {
  const { node } = deps;
  const locate = (allocId: string) =>
    node?.has(allocId) ? { node } : { elsewhere: elsewhereOf(deps.servers()[0] ?? refuseWithoutServer()) };
  const client = { clock: deps.clock, forward: deps.forward, locate };
  const routes = [
    ...agentRoutes(deps),
    ...metricsRoutes(deps),
    ...clientAllocationRoutes(client),
    ...clientLogRoutes(client),
  ];
  return bindRoutes(deps, routes, (call) => askServers(deps, call));
}

/** A read may be asked of the next server; a write may have been done although its answer was lost. */
async function askServers({ servers, forward }: NodeHttpDeps, call: Call): Promise<Answer> {
  const all = servers().map(elsewhereOf);
  const asked = call.method === 'GET' ? all : all.slice(0, 1);
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
