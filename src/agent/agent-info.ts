/** What the API tells of the agent itself. */
import type { AgentInfo } from '../http/deps.ts';
import type { Server } from '../server/server.ts';
import type { AgentConfig } from './config.ts';
import type { NodeRole } from './node-role.ts';

export function agentInfo(
  config: AgentConfig,
  { server, node }: { readonly server: Server | undefined; readonly node: NodeRole | undefined },
  version: string,
): AgentInfo {
  const ok = { ok: true, message: 'ok' };
  return {
    name: config.name,
    region: config.region,
    datacenter: config.datacenter,
    version,
    bindAddr: config.httpAddress,
    httpAddr: config.advertiseHttp,
    roles: { server: config.server.isEnabled, client: config.client.isEnabled, ingress: config.ingress.isEnabled },
    config: () => ({
      DataDir: config.dataDir,
      DevMode: config.isDev,
      LogLevel: config.logLevel.toUpperCase(),
      LogJson: config.logJson,
    }),
    stats: () => ({
      serin: {
        server: String(config.server.isEnabled),
        client: String(config.client.isEnabled),
        ingress: String(config.ingress.isEnabled),
        version,
      },
      ...(server && { state: { index: String(server.state.index), durable_index: String(server.state.durableIndex) } }),
      ...(server && {
        broker: Object.fromEntries(Object.entries(server.broker.stats()).map(([name, count]) => [name, String(count)])),
      }),
      ...(node && {
        client: { node_id: node.operations.nodeId, known_servers: knownServers(config).join(',') },
      }),
      runtime: {
        arch: process.arch,
        version: process.version,
        'kernel.name': process.platform,
        pid: String(process.pid),
      },
    }),
    health: () => ({ ...(config.server.isEnabled && { server: ok }), ...(config.client.isEnabled && { client: ok }) }),
    leader: () => (config.server.isEnabled ? config.advertiseHttp : ''),
    peers: () => knownServers(config),
  };
}

const knownServers = (config: AgentConfig): readonly string[] =>
  config.server.isEnabled ? [config.advertiseHttp] : config.servers;
