/** Starts the HTTP API of an agent: the server's own, or that of an agent that hands most calls on to a server. */
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { forwardOverHttp, forwardWith } from '../http/forward.ts';
import { forwardSocketWith } from '../http/forward-socket.ts';
import { createHttpServer } from '../http/http-server.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import type { Server } from '../server/server.ts';
import { hostOf, isWildcard, machineAddresses, urlHost } from './addresses.ts';
import { agentInfo } from './agent-info.ts';
import type { AgentConfig } from './config.ts';
import { steadyIngressTable } from './ingress-table.ts';
import { listenFailure } from './listening.ts';
import { createMetrics } from './metrics.ts';
import { createNodeApi } from './node-api.ts';
import type { NodeRole } from './node-role.ts';
import { pageFiles } from './page-files.ts';
import { serverUrlOf } from './server-url.ts';
import { tokenCheck } from './token-check.ts';
import type { Tokens } from './tokens.ts';

export interface ApiServer {
  /** "http://127.0.0.1:4646": how this machine reaches it. */
  readonly address: string;
  /** Other certificates from now on, for new connections. */
  renew(tls: TlsMaterial): void;
  close(): Promise<void>;
}

export interface ApiParts {
  readonly server: Server | undefined;
  readonly node: NodeRole | undefined;
  readonly tokens: Tokens | undefined;
  readonly tls: TlsMaterial | undefined;
  readonly log: Log;
  readonly version: string;
  readonly clock: Clock;
}

export async function startApi(config: AgentConfig, parts: ApiParts): Promise<ApiServer> {
  const app = createApi(config, parts);
  try {
    await app.listen({ host: config.httpAddress, port: config.httpPort });
  } catch (error) {
    throw listenFailure(error as NodeJS.ErrnoException, config);
  }
  return {
    address: ownUrl(config),
    renew: (tls) => (app.server as { setSecureContext?(tls: TlsMaterial): void }).setSecureContext?.(tls),
    close: () => app.close(),
  };
}

function createApi(config: AgentConfig, parts: ApiParts): FastifyInstance {
  const { server, node, tokens, tls, log, version } = parts;
  const serverUrls = config.servers.map((name) => serverUrlOf(name, tls !== undefined));
  const shared = {
    agent: agentInfo(config, parts, version),
    metrics: createMetrics(server),
    ...(node && { node: node.operations }),
    ...(tokens && { tokens: tokenPolicy(tokens, serverUrls, parts) }),
    ...(tls && config.tls?.isServing && { tls: { ...tls, requestCert: config.tls.verifiesClients } }),
    hosts: { allowedHosts: allowedHosts(config), allowedOrigins: [] },
    clock: parts.clock,
    log: log.child({ part: 'http' }),
    forward: tls ? forwardWith(tls) : forwardOverHttp,
    forwardSocket: forwardSocketWith(parts.clock, tls),
    page: pageFiles(),
  };
  if (!server) return createNodeApi(serverUrls, shared);
  return createHttpServer({
    ...shared,
    server,
    state: server.state,
    traffic: server.traffic,
    planIngressTable: steadyIngressTable(server.state),
  });
}

/** Reads the tokens each time: a reload changes them. */
export function tokenPolicy(tokens: Tokens, serverUrls: readonly string[], { server, tls, clock }: ApiParts) {
  return {
    get management() {
      return tokens.management;
    },
    get agent() {
      return tokens.agent;
    },
    ...(!server && { isManagement: tokenCheck({ serverUrls, tls, clock }) }),
  };
}

export function allowedHosts(config: AgentConfig): string[] {
  const listening = isWildcard(config.httpAddress) ? [...machineAddresses(), hostname()] : [config.httpAddress];
  return [...listening, hostOf(config.advertiseHttp), ...config.allowedHosts];
}

/** A certificate seldom names the loopback: over TLS the advertised name is the one that it was made for. */
function ownUrl(config: AgentConfig): string {
  const { httpAddress, httpPort, advertiseHttp, tls } = config;
  if (tls?.isServing && isWildcard(httpAddress)) return `https://${advertiseHttp}`;
  const host = isWildcard(httpAddress) ? '127.0.0.1' : urlHost(httpAddress);
  return `${tls?.isServing ? 'https' : 'http'}://${host}:${httpPort}`;
}
