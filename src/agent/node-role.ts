/** The node role of an agent: its drivers, its connection to a server, and what the API asks of it. */
import { join } from 'node:path';
import { DockerDriver } from '../drivers/docker.ts';
import type { Driver } from '../drivers/driver.ts';
import { ExecDriver } from '../drivers/exec.ts';
import { MockDriver } from '../drivers/mock.ts';
import { RawExecDriver } from '../drivers/raw-exec.ts';
import type { NodeOperations } from '../http/deps.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { newUuid } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { seededRandom } from '../lib/random.ts';
import type { Service } from '../lib/service.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import { DYNAMIC_PORT_FIRST, DYNAMIC_PORT_LAST } from '../model/network.ts';
import { ConsulClient } from '../node/consul/consul-client.ts';
import { HttpServerConnection } from '../node/http-server-connection.ts';
import { NodeAgent } from '../node/node-agent.ts';
import type { ServerConnection } from '../node/server-connection.ts';
import type { Server } from '../server/server.ts';
import { interfaceAddress, taskAddress } from './addresses.ts';
import type { AgentConfig, ConsulConfig } from './config.ts';
import { inProcessConnection } from './in-process-connection.ts';
import { listenerOn } from './listening.ts';
import { serverUrlOf } from './server-url.ts';
import { loadTls } from './tls.ts';
import type { Tokens } from './tokens.ts';

export interface NodeRole extends Service {
  readonly operations: NodeOperations;
  /** Drains and stops every task; once `hurry` aborts, kills them. */
  stopAll(hurry: AbortSignal): Promise<void>;
  /** The machine's clock was set by so much. */
  clockSet(byMs: number): void;
}

/** Ended allocations whose folders (and logs) stay for a look back. */
const KEEP_ENDED = 50;

export interface NodeRoleParts {
  readonly server: Server | undefined;
  readonly tokens: Tokens | undefined;
  readonly tls: TlsMaterial | undefined;
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
}

export function startNode(config: AgentConfig, parts: NodeRoleParts): NodeRole {
  const agent = new NodeAgent({
    dataDir: join(config.dataDir, 'node'),
    connection: connect(config, parts),
    drivers: drivers(config, parts),
    clock: parts.clock,
    random: seededRandom(newUuid()),
    newId: newUuid,
    log: parts.log.child({ part: 'node' }),
    name: config.name,
    datacenter: config.datacenter,
    nodeClass: config.client.nodeClass,
    meta: config.client.meta,
    reserved: {
      Cpu: { CpuShares: config.client.reserved.cpu, ReservedCpuCores: null },
      Memory: { MemoryMB: config.client.reserved.memoryMB },
      Disk: { DiskMB: config.client.reserved.diskMB },
      Networks: { ReservedHostPorts: config.client.reserved.ports },
    },
    httpAddr: config.advertiseHttp,
    tlsEnabled: config.tls?.isServing ?? false,
    address: interfaceAddress(config.client.networkInterface) ?? taskAddress(config.httpAddress, config.advertiseHttp),
    cpuTotalCompute: config.client.cpuTotalCompute,
    memoryTotalMB: config.client.memoryTotalMB,
    networkSpeed: config.client.networkSpeed,
    ...(hasOwnPorts(config) && { dynamicPorts: config.client.dynamicPorts }),
    version: parts.version,
    hostEnv: hostEnvironment(),
    portHolder: listenerOn,
    ...(config.consul && { consul: consulClient(config.consul) }),
    keepEnded: KEEP_ENDED,
    maxKillTimeoutMs: config.client.maxKillTimeoutMs,
  });
  return {
    id: agent.id,
    run: (signal) => agent.run(signal),
    stopAll: (hurry) => agent.stopAll(hurry),
    clockSet: (byMs) => agent.clockSet(byMs),
    operations: operationsOf(agent),
  };
}

const hasOwnPorts = ({ client: { dynamicPorts } }: AgentConfig): boolean =>
  dynamicPorts.first !== DYNAMIC_PORT_FIRST || dynamicPorts.last !== DYNAMIC_PORT_LAST;

function consulClient(config: ConsulConfig): ConsulClient {
  const tls = { ...loadTls(config, 'consul'), rejectUnauthorized: config.verifiesCertificate };
  return new ConsulClient({ url: config.url, token: config.token, ...(config.url.startsWith('https') && { tls }) });
}

function connect(config: AgentConfig, { server, tokens, tls }: NodeRoleParts): ServerConnection {
  if (server) return inProcessConnection(server);
  return new HttpServerConnection({
    serverUrls: config.servers.map((name) => serverUrlOf(name, tls !== undefined)),
    ...(tokens && { token: () => tokens.agent }),
    ...(tls && { tls }),
  });
}

function drivers(config: AgentConfig, { clock, log }: NodeRoleParts): Driver[] {
  const common = { clock, path: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin' };
  const stateDir = (driver: string) => join(config.dataDir, 'node', driver);
  return [
    new MockDriver(clock),
    new RawExecDriver({ ...common, stateDir: stateDir('raw_exec'), cgroupName: '', isOff: !config.isRawExecEnabled }),
    new ExecDriver({ ...common, stateDir: stateDir('exec'), cgroupName: 'serin', ...config.exec }),
    new DockerDriver({
      // The engine has the machine's own clock, and its times are compared.
      clock: systemClock,
      stateDir: stateDir('docker'),
      plugin: config.docker,
      newId: newUuid,
      log: log.child({ part: 'docker' }),
    }),
  ];
}

function hostEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

function operationsOf(agent: NodeAgent): NodeOperations {
  const never = new AbortController().signal;
  return {
    get nodeId() {
      return agent.nodeId;
    },
    has: (allocId) => agent.has(allocId),
    collect: async (allocId) => agent.collect(allocId),
    restart: (allocId, task) => agent.restart(allocId, task, never),
    restartAll: (allocId) => agent.restartAll(allocId, never),
    signal: (allocId, name, task) => agent.signal(allocId, name, task),
    exec: async (allocId, { signal, ...request }) => agent.attach(allocId, request, signal),
    stats: (allocId) => agent.resourceUsage(allocId),
    hostStats: async () => agent.hostStats(),
    files: (allocId) => agent.files(allocId),
    checks: (allocId) => agent.checkReports(allocId),
    async *readLogs(allocId, { signal, ...request }) {
      for await (const chunk of agent.readLogs(allocId, request, signal)) {
        yield { File: chunk.File, Offset: chunk.Offset, Data: chunk.Data.toString('base64') };
      }
    },
  };
}
