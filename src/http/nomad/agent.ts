/** /v1/agent/…: this agent, its members, its health. */
import { type Answer, json } from '../answer.ts';
import type { AgentHealth, AgentInfo, HttpDeps } from '../deps.ts';
import type { Call, Route } from '../route.ts';

export const agentRoutes = ({ agent }: Pick<HttpDeps, 'agent'>): readonly Route[] => [
  { path: '/v1/agent/self', GET: () => json(self(agent)) },
  { path: '/v1/agent/members', GET: () => json(members(agent)) },
  { path: '/v1/agent/health', GET: (call) => health(agent, call) },
];

function self(agent: AgentInfo): object {
  return { config: { ...configOf(agent), ...agent.config() }, member: memberOf(agent), stats: agent.stats() };
}

/** The keys of the wire that mean something here. */
function configOf(agent: AgentInfo): object {
  return {
    ACL: { Enabled: false },
    Addresses: { HTTP: agent.bindAddr },
    AdvertiseAddrs: { HTTP: agent.httpAddr },
    BindAddr: agent.bindAddr,
    Client: { Enabled: agent.roles.client },
    Datacenter: agent.datacenter,
    Ingress: { Enabled: agent.roles.ingress },
    NodeName: agent.name,
    Ports: { HTTP: addressOf(agent).port },
    Region: agent.region,
    Server: { Enabled: agent.roles.server },
    Version: { Revision: '', Version: agent.version, VersionMetadata: '', VersionPrerelease: '' },
  };
}

const members = (agent: AgentInfo): object => ({
  ServerName: agent.name,
  ServerRegion: agent.region,
  ServerDC: agent.datacenter,
  Members: [memberOf(agent)],
});

/** Servers do not gossip: the protocol versions are the wire's, so that tables of them can be made. */
function memberOf(agent: AgentInfo): object {
  const { host, port } = addressOf(agent);
  return {
    Name: `${agent.name}.${agent.region}`,
    Addr: host,
    Port: port,
    Tags: {
      role: 'nomad',
      region: agent.region,
      dc: agent.datacenter,
      build: agent.version,
      port: String(port),
      rpc_addr: host,
      id: agent.name,
      vsn: '1',
      mvn: '1',
      raft_vsn: '2',
      expect: '1',
      bootstrap: '1',
    },
    Status: 'alive',
    ProtocolMin: 1,
    ProtocolMax: 5,
    ProtocolCur: 2,
    DelegateMin: 2,
    DelegateMax: 5,
    DelegateCur: 4,
  };
}

function addressOf(agent: AgentInfo): { host: string; port: number } {
  const at = agent.httpAddr.lastIndexOf(':');
  return { host: agent.httpAddr.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(agent.httpAddr.slice(at + 1)) };
}

/** 500 where a role that was asked for is not well; `?type=client` asks for that role alone. */
function health(agent: AgentInfo, call: Call): Answer {
  const all = agent.health();
  const type = call.query.text('type');
  const asked: { client?: AgentHealth; server?: AgentHealth } = {};
  if (all.client && type !== 'server') asked.client = all.client;
  if (all.server && type !== 'client') asked.server = all.server;
  const ok = Object.values(asked).every((each) => each.ok);
  return { ...json(asked), status: ok ? 200 : 500 };
}
