/** Starts the HTTP API of an agent and says who holds the port when it is taken. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { forwardOverHttp } from '../http/forward.ts';
import { createHttpServer } from '../http/http-server.ts';
import { systemClock } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Server } from '../server/server.ts';
import { agentInfo } from './agent-info.ts';
import type { AgentConfig } from './config.ts';
import { ingressTable } from './ingress-table.ts';
import { createMetrics } from './metrics.ts';
import { createNodeApi } from './node-api.ts';
import type { NodeRole } from './node-role.ts';
import { portHolder } from './port-holder.ts';
import type { Tokens } from './tokens.ts';

export interface ApiServer {
  readonly address: string;
  close(): Promise<void>;
}

export interface ApiParts {
  readonly server: Server | undefined;
  readonly node: NodeRole | undefined;
  readonly tokens: Tokens | undefined;
  readonly log: Log;
  readonly version: string;
}

export async function startApi(config: AgentConfig, parts: ApiParts): Promise<ApiServer> {
  const app = createApi(config, parts);
  const port = await listen(app, config);
  return { address: `http://${urlHost(config.httpAddress)}:${port}`, close: () => app.close() };
}

function createApi(config: AgentConfig, parts: ApiParts): FastifyInstance {
  const { server, node, tokens, log, version } = parts;
  const shared = {
    agent: agentInfo(config, parts, version),
    metrics: createMetrics(server),
    ...(node && { node: node.operations }),
    ...(tokens && { tokens }),
    hosts: {
      allowedHosts: [config.httpAddress, hostOf(config.advertiseHttp), ...config.allowedHosts],
      allowedOrigins: [],
    },
    clock: systemClock,
    log: log.child({ part: 'http' }),
    forward: forwardOverHttp,
  };
  if (!server) return createNodeApi(config, shared);
  return createHttpServer({
    ...shared,
    server,
    state: server.state,
    traffic: server.traffic,
    planIngressTable: ingressTable,
  });
}

async function listen(app: FastifyInstance, config: AgentConfig): Promise<number> {
  try {
    await app.listen({ host: config.httpAddress, port: config.httpPort });
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException, config);
  }
  return (app.server.address() as AddressInfo).port;
}

function explained(error: NodeJS.ErrnoException, config: AgentConfig): unknown {
  const where = `${config.httpAddress}:${config.httpPort}`;
  if (error.code === 'EADDRINUSE') {
    const holder = portHolder(config.httpPort) ?? 'another process';
    return new SerinError('config', `${where} is in use by ${holder}; end it, or choose another port with -http-port`);
  }
  if (error.code === 'EADDRNOTAVAIL')
    return new SerinError(
      'config',
      `${config.httpAddress} is no address of this machine; set bind_addr or addresses.http`,
    );
  if (error.code === 'EACCES')
    return new SerinError('config', `listening on ${where} is not permitted; choose a port above 1023`);
  return error;
}

const hostOf = (address: string): string => address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
const urlHost = (address: string): string => {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
};
