/** The agent's configuration, compiled once: defaults and units are settled here, and nowhere downstream. */
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
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
  readonly auth: { readonly tokenFile: string; readonly agentTokenFile: string } | undefined;
  readonly server: { readonly isEnabled: boolean };
  readonly client: ClientConfig;
  readonly ingress: { readonly isEnabled: boolean; readonly bindAddress: string; readonly servers: readonly string[] };
  readonly isRawExecEnabled: boolean;
}

export interface ClientConfig {
  readonly isEnabled: boolean;
  /** "host:port" or URLs of servers; empty where this agent is one. */
  readonly servers: readonly string[];
  readonly nodeClass: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly reserved: {
    readonly cpu: number;
    readonly memoryMB: number;
    readonly diskMB: number;
    readonly ports: string;
  };
}

export const DEFAULT_HTTP_PORT = 4646;

/** Compiles merged files and flags. `raw` has passed `configProblems`. */
export function compileConfig(raw: RawConfig, options: { readonly isDev: boolean }): AgentConfig {
  const at = reader(raw);
  const { isDev } = options;
  const bindAddr = at.text('bind_addr', '127.0.0.1');
  const httpAddress = at.text('addresses.http', bindAddr);
  const httpPort = at.number('ports.http', DEFAULT_HTTP_PORT);
  const dataDir = at.text('data_dir', isDev ? devDirectory(httpPort) : '');
  const tokenFile = at.text('auth.token_file', '');
  return {
    isDev,
    region: at.text('region', 'global'),
    datacenter: at.text('datacenter', 'dc1'),
    name: at.text('name', hostname()),
    dataDir,
    httpAddress,
    httpPort,
    advertiseHttp: withPort(at.text('advertise.http', httpAddress), httpPort),
    logLevel: at.text('log_level', 'info').toLowerCase(),
    logJson: at.flag('log_json', false),
    isInsecure: at.flag('insecure', false),
    allowedHosts: at.list('allowed_hosts'),
    auth:
      tokenFile === ''
        ? undefined
        : { tokenFile, agentTokenFile: at.text('auth.agent_token_file', `${tokenFile}.agent`) },
    server: { isEnabled: at.flag('server.enabled', isDev) },
    client: {
      isEnabled: at.flag('client.enabled', isDev),
      servers: [...at.list('client.servers'), ...at.list('client.server_join.retry_join')],
      nodeClass: at.text('client.node_class', ''),
      meta: at.map('client.meta'),
      options: at.map('client.options'),
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
      servers: at.list('ingress.servers'),
    },
    isRawExecEnabled: rawExecEnabled(at, isDev),
  };
}

/** Everything that makes a configuration unusable, each with what to do about it. */
export function configMistakes(config: AgentConfig): string[] {
  const mistakes: string[] = [];
  const roles = [config.server.isEnabled, config.client.isEnabled, config.ingress.isEnabled];
  if (!roles.includes(true)) {
    mistakes.push('no role is enabled: start with -dev, or enable server, client or ingress in a configuration file');
  }
  if (config.dataDir === '') mistakes.push('no data_dir: set it in a configuration file or with -data-dir');
  else if (!config.dataDir.startsWith('/')) mistakes.push(`data_dir must be an absolute path, not "${config.dataDir}"`);
  if (!config.server.isEnabled && config.client.isEnabled && config.client.servers.length === 0) {
    mistakes.push(
      'client.servers is empty and this agent is no server: name at least one server, as in servers = ["10.0.0.1:4646"]',
    );
  }
  if (config.httpPort < 0 || config.httpPort > 65535)
    mistakes.push(`ports.http must be between 0 and 65535, not ${config.httpPort}`);
  if (!isLoopback(config.httpAddress) && !config.auth && !config.isInsecure) {
    mistakes.push(
      `the API would listen on ${config.httpAddress}, where an open port is a shell on every node: set auth { token_file = "…" }, or insecure = true if the network itself is trusted`,
    );
  }
  return mistakes;
}

export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);

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
function rawExecEnabled(at: ReturnType<typeof reader>, isDev: boolean): boolean {
  const plugin = at.any('plugin.raw_exec.config.enabled');
  const option = at.any('client.options.driver.raw_exec.enable') ?? at.map('client.options')['driver.raw_exec.enable'];
  const said = plugin ?? option;
  return said === undefined ? isDev : said === true || said === 'true' || said === '1';
}

function reader(raw: RawConfig) {
  const any = (path: string): unknown =>
    path.split('.').reduce<unknown>((block, name) => (block as RawConfig | undefined)?.[name], raw);
  return {
    any,
    text: (path: string, fallback: string): string => (any(path) as string | undefined) ?? fallback,
    number: (path: string, fallback: number): number => (any(path) as number | undefined) ?? fallback,
    flag: (path: string, fallback: boolean): boolean => (any(path) as boolean | undefined) ?? fallback,
    list: (path: string): string[] => (any(path) as string[] | undefined) ?? [],
    map: (path: string): Record<string, string> =>
      Object.fromEntries(
        Object.entries((any(path) as RawConfig | undefined) ?? {}).map(([key, value]) => [key, String(value)]),
      ),
  };
}
