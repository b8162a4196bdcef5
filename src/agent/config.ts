/** The agent's configuration, compiled once: defaults and units are settled here, and nowhere downstream. */

import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { compileDockerPlugin, type DockerPluginConfig, dockerPluginProblems } from '../drivers/docker-plugin-config.ts';
import { compileExecPlugin, type ExecPluginConfig, execPluginProblems } from '../drivers/exec-plugin-config.ts';
import { DEFAULT_SETTINGS, type IngressSettings } from '../ingress/settings.ts';
import { msFromNanos, parseDuration } from '../lib/duration.ts';
import { DYNAMIC_PORT_FIRST, DYNAMIC_PORT_LAST } from '../model/network.ts';
import { isWildcard, machineAddress } from './addresses.ts';
import type { RawConfig } from './config-merge.ts';

export interface AgentConfig {
  readonly isDev: boolean;
  readonly region: string;
  readonly datacenter: string;
  readonly name: string;
  readonly dataDir: string;
  readonly httpAddress: string;
  readonly httpPort: number;
  /** "host:port" under which other agents reach this one. */
  readonly advertiseHttp: string;
  readonly logLevel: string;
  readonly logJson: boolean;
  readonly isInsecure: boolean;
  readonly allowedHosts: readonly string[];
  /** undefined: no token is asked for. */
  readonly auth: AuthConfig | undefined;
  /** undefined: plain HTTP, both here and towards servers. */
  readonly tls: TlsConfig | undefined;
  readonly server: ServerConfig;
  readonly client: ClientConfig;
  readonly ingress: IngressConfig;
  /** undefined: nobody asks for Marathon's API here. */
  readonly marathon: MarathonConfig | undefined;
  /** Whom an agent without a server asks: those of the node, else those of the ingress. */
  readonly servers: readonly string[];
  readonly isRawExecEnabled: boolean;
  readonly docker: DockerPluginConfig;
  /** What is wrong with the blocks of drivers, each a sentence. */
  readonly driverProblems: readonly string[];
  readonly exec: ExecPluginConfig;
  /** undefined: services are registered here alone. */
  readonly consul: ConsulConfig | undefined;
}

export interface ConsulConfig {
  /** "http://127.0.0.1:8500". */
  readonly url: string;
  /** "": none. */
  readonly token: string;
  readonly verifiesCertificate: boolean;
  /** "" where it is not set. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface AuthConfig {
  /** May do everything; "" on agents that leave the question to their server. */
  readonly tokenFile: string;
  /** What nodes and ingresses join with. */
  readonly agentTokenFile: string;
}

export interface TlsConfig {
  /** This agent's own API is served over TLS. */
  readonly isServing: boolean;
  /** Only who shows a certificate of `caFile` is let in. */
  readonly verifiesClients: boolean;
  /** "" where it is not set. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface ServerConfig {
  readonly isEnabled: boolean;
  /** A node is asked to be heard from this often… */
  readonly heartbeatTtlMs: number;
  /** …and is down when it was silent for this much longer. */
  readonly heartbeatGraceMs: number;
}

export interface IngressConfig {
  readonly isEnabled: boolean;
  readonly bindAddress: string;
  readonly servers: readonly string[];
  readonly settings: IngressSettings;
}

export interface MarathonConfig {
  readonly port: number;
  readonly bindAddress: string;
  /** What runs an app without a container: "raw_exec" or "exec". */
  readonly commandDriver: string;
}

export interface ClientConfig {
  readonly isEnabled: boolean;
  /** "host:port" or URLs of servers; empty where this agent is one. */
  readonly servers: readonly string[];
  readonly nodeClass: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** No task's kill_timeout is longer there. */
  readonly maxKillTimeoutMs: number;
  /** The interface that tasks' ports are offered on; "": the one that the agent listens on. */
  readonly networkInterface: string;
  /** Mbit/s; 0, as in the next two: what the machine says. */
  readonly networkSpeed: number;
  /** MHz of all cores together. */
  readonly cpuTotalCompute: number;
  readonly memoryTotalMB: number;
  /** Both ends included. */
  readonly dynamicPorts: { readonly first: number; readonly last: number };
  readonly reserved: {
    readonly cpu: number;
    readonly memoryMB: number;
    readonly diskMB: number;
    readonly ports: string;
  };
}

export const DEFAULT_HTTP_PORT = 4646;
const DEFAULT_MARATHON_LB_PORT = 9090;
const DEFAULT_HEARTBEAT_TTL = '10s';
const DEFAULT_HEARTBEAT_GRACE = '10s';
const DEFAULT_MAX_KILL_TIMEOUT = '30s';

/** Compiles merged files and flags. `raw` has passed `configProblems`. */
export function compileConfig(raw: RawConfig, options: { readonly isDev: boolean }): AgentConfig {
  const at = reader(raw);
  const { isDev } = options;
  const bindAddr = at.text('bind_addr', '127.0.0.1');
  const httpAddress = at.text('addresses.http', bindAddr);
  const httpPort = at.number('ports.http', DEFAULT_HTTP_PORT);
  const dataDir = at.text('data_dir', isDev ? devDirectory(httpPort) : '');
  const clientServers = [...at.list('client.servers'), ...at.list('client.server_join.retry_join')];
  const ingressServers = at.list('ingress.servers');
  const isRawExecEnabled = rawExecEnabled(at, isDev);
  return {
    isDev,
    region: at.text('region', 'global'),
    datacenter: at.text('datacenter', 'dc1'),
    name: at.text('name', hostname()),
    dataDir,
    httpAddress,
    httpPort,
    advertiseHttp: withPort(
      at.text('advertise.http', isWildcard(httpAddress) ? machineAddress() : httpAddress),
      httpPort,
    ),
    logLevel: at.text('log_level', 'info').toLowerCase(),
    logJson: at.flag('log_json', false),
    isInsecure: at.flag('insecure', false),
    allowedHosts: at.list('allowed_hosts'),
    auth: authOf(at),
    tls: tlsOf(at),
    server: {
      isEnabled: at.flag('server.enabled', isDev),
      heartbeatTtlMs: at.durationMs('server.min_heartbeat_ttl', DEFAULT_HEARTBEAT_TTL),
      heartbeatGraceMs: at.durationMs('server.heartbeat_grace', DEFAULT_HEARTBEAT_GRACE),
    },
    client: {
      isEnabled: at.flag('client.enabled', isDev),
      servers: clientServers,
      nodeClass: at.text('client.node_class', ''),
      meta: at.map('client.meta'),
      options: at.map('client.options'),
      maxKillTimeoutMs: at.durationMs('client.max_kill_timeout', DEFAULT_MAX_KILL_TIMEOUT),
      networkInterface: at.text('client.network_interface', ''),
      networkSpeed: at.number('client.network_speed', 0),
      cpuTotalCompute: at.number('client.cpu_total_compute', 0),
      memoryTotalMB: at.number('client.memory_total_mb', 0),
      dynamicPorts: {
        first: at.number('client.min_dynamic_port', DYNAMIC_PORT_FIRST),
        last: at.number('client.max_dynamic_port', DYNAMIC_PORT_LAST),
      },
      reserved: {
        cpu: at.number('client.reserved.cpu', 0),
        memoryMB: at.number('client.reserved.memory', 0),
        diskMB: at.number('client.reserved.disk', 0),
        ports: at.text('client.reserved.reserved_ports', ''),
      },
    },
    ingress: {
      isEnabled: at.flag('ingress.enabled', isDev),
      bindAddress: at.text('ingress.bind_addr', bindAddr),
      servers: ingressServers,
      settings: ingressSettingsOf(at, isDev),
    },
    marathon: marathonOf(at, { isRawExecEnabled, httpAddress }),
    servers: clientServers.length > 0 ? clientServers : ingressServers,
    isRawExecEnabled,
    docker: compileDockerPlugin(pluginBlock(at, 'docker'), process.env.DOCKER_HOST),
    driverProblems: [
      ...dockerPluginProblems(pluginBlock(at, 'docker')),
      ...execPluginProblems(pluginBlock(at, 'exec')),
    ],
    exec: compileExecPlugin(pluginBlock(at, 'exec')),
    consul: consulOf(at),
  };
}

function ingressSettingsOf(at: Reader, isDev: boolean): IngressSettings {
  return {
    dataPlane: at.text('ingress.data_plane', DEFAULT_SETTINGS.dataPlane) as IngressSettings['dataPlane'],
    haproxy: {
      binary: at.text('ingress.haproxy.binary', DEFAULT_SETTINGS.haproxy.binary),
      global: at.list('ingress.haproxy.global'),
      defaults: at.list('ingress.haproxy.defaults'),
      backend: at.list('ingress.haproxy.backend'),
    },
    ...marathonLbOf(at, isDev),
    certificates: at.list('ingress.certificates'),
    trustedProxies: at.list('ingress.trusted_proxies'),
    acceptsProxyProtocol: at.flag('ingress.proxy_protocol', false),
    headerTimeoutMs: at.durationMs('ingress.header_timeout', '60s'),
    keepAliveTimeoutMs: at.durationMs('ingress.keep_alive_timeout', '5m'),
    maxHeld: at.number('ingress.max_held', DEFAULT_SETTINGS.maxHeld),
  };
}

/** Whoever writes the block wants it, and whoever tries Marathon's API out. */
function marathonLbOf(at: Reader, isDev: boolean): Pick<IngressSettings, 'marathonLbPort'> {
  const isWanted = at.any('ingress.marathon_lb') !== undefined || (isDev && at.any('marathon') !== undefined);
  if (!isWanted) return {};
  return { marathonLbPort: at.number('ingress.marathon_lb.port', DEFAULT_MARATHON_LB_PORT) };
}

/** One directory per user and port, so that the next `-dev` finds what a killed one left. */
function devDirectory(port: number): string {
  return join(tmpdir(), `serin-dev-${userInfo().uid}-${port}`);
}

/** "10.0.0.1" → "10.0.0.1:4646"; one that names its port keeps it. */
export function withPort(address: string, port: number): string {
  if (/^\[.*\]:\d+$/.test(address) || /^[^:]+:\d+$/.test(address)) return address;
  return address.includes(':') && !address.startsWith('[') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A shell for whoever can reach the API: on for `-dev`, elsewhere only when it is asked for. */
function rawExecEnabled(at: Reader, isDev: boolean): boolean {
  const plugin = at.any('plugin.raw_exec.config.enabled');
  const option = at.any('client.options.driver.raw_exec.enable') ?? at.map('client.options')['driver.raw_exec.enable'];
  const said = plugin ?? option;
  return said === undefined ? isDev : said === true || said === 'true' || said === '1';
}

const pluginBlock = (at: Reader, driver: string): RawConfig =>
  (at.any(`plugin.${driver}.config`) as RawConfig | undefined) ?? {};

function authOf(at: Reader): AuthConfig | undefined {
  const tokenFile = at.text('auth.token_file', '');
  const agentTokenFile = at.text('auth.agent_token_file', tokenFile === '' ? '' : `${tokenFile}.agent`);
  return agentTokenFile === '' ? undefined : { tokenFile, agentTokenFile };
}

function tlsOf(at: Reader): TlsConfig | undefined {
  if (at.any('tls') === undefined) return undefined;
  return {
    isServing: at.flag('tls.http', false),
    verifiesClients: at.flag('tls.verify_https_client', false),
    caFile: at.text('tls.ca_file', ''),
    certFile: at.text('tls.cert_file', ''),
    keyFile: at.text('tls.key_file', ''),
  };
}

export const DEFAULT_MARATHON_PORT = 8080;

/** Whoever writes the block, or asks for it with its flag, wants it. */
function marathonOf(
  at: Reader,
  { isRawExecEnabled, httpAddress }: Pick<AgentConfig, 'isRawExecEnabled' | 'httpAddress'>,
): MarathonConfig | undefined {
  if (at.any('marathon') === undefined) return undefined;
  return {
    port: at.number('marathon.port', DEFAULT_MARATHON_PORT),
    bindAddress: at.text('marathon.bind_addr', httpAddress),
    commandDriver: at.text('marathon.command_driver', isRawExecEnabled ? 'raw_exec' : 'exec'),
  };
}

const DEFAULT_CONSUL = '127.0.0.1:8500';

/** Whoever writes the block has a Consul. */
function consulOf(at: Reader): ConsulConfig | undefined {
  if (at.any('consul') === undefined) return undefined;
  const address = at.text('consul.address', DEFAULT_CONSUL).replace(/\/$/, '');
  const scheme = at.flag('consul.ssl', false) ? 'https' : 'http';
  return {
    url: address.includes('://') ? address : `${scheme}://${address}`,
    token: at.text('consul.token', ''),
    verifiesCertificate: at.flag('consul.verify_ssl', true),
    caFile: at.text('consul.ca_file', ''),
    certFile: at.text('consul.cert_file', ''),
    keyFile: at.text('consul.key_file', ''),
  };
}

type Reader = ReturnType<typeof reader>;

function reader(raw: RawConfig) {
  const any = (path: string): unknown =>
    path.split('.').reduce<unknown>((block, name) => (block as RawConfig | undefined)?.[name], raw);
  return {
    any,
    text: (path: string, fallback: string): string => (any(path) as string | undefined) ?? fallback,
    number: (path: string, fallback: number): number => (any(path) as number | undefined) ?? fallback,
    flag: (path: string, fallback: boolean): boolean => (any(path) as boolean | undefined) ?? fallback,
    durationMs: (path: string, fallback: string): number =>
      msFromNanos(parseDuration((any(path) as string | undefined) ?? fallback) ?? 0),
    list: (path: string): string[] => (any(path) as string[] | undefined) ?? [],
    map: (path: string): Record<string, string> =>
      Object.fromEntries(
        Object.entries((any(path) as RawConfig | undefined) ?? {}).map(([key, value]) => [key, String(value)]),
      ),
  };
}
