/** Everything that makes a configuration unusable, as an ordered table: each with what to do about it. Pure. */

import { isNetwork } from '../lib/networks.ts';
import { interfaceAddress, interfaceNames, isLoopback } from './addresses.ts';
import type { AgentConfig } from './config.ts';
import { LOG_LEVELS } from './log.ts';
import { serverUrlOf } from './server-url.ts';

interface Rule {
  readonly breaks: (config: AgentConfig) => boolean;
  readonly sentence: (config: AgentConfig) => string;
}

const RULES: readonly Rule[] = [
  {
    breaks: ({ server, client, ingress }) => !server.isEnabled && !client.isEnabled && !ingress.isEnabled,
    sentence: () =>
      'no role is enabled: start with -dev, or enable server, client or ingress in a configuration file or with -server, -client, -ingress',
  },
  {
    breaks: ({ dataDir }) => dataDir === '',
    sentence: () => 'no data_dir: set it in a configuration file or with -data-dir',
  },
  {
    breaks: ({ dataDir }) => dataDir !== '' && !dataDir.startsWith('/'),
    sentence: ({ dataDir }) => `data_dir must be an absolute path, not "${dataDir}"`,
  },
  {
    breaks: ({ server, client }) => !server.isEnabled && client.isEnabled && client.servers.length === 0,
    sentence: () =>
      'client.servers is empty and this agent is no server: name at least one server, as in servers = ["10.0.0.1:4646"]',
  },
  {
    breaks: ({ server, client, ingress, servers }) =>
      !server.isEnabled && !client.isEnabled && ingress.isEnabled && servers.length === 0,
    sentence: () =>
      'ingress.servers is empty and this agent is no server: name at least one server, as in servers = ["10.0.0.1:4646"]',
  },
  {
    breaks: ({ ingress: { settings } }) => settings.dataPlane !== 'embedded' && settings.dataPlane !== 'haproxy',
    sentence: ({ ingress: { settings } }) =>
      `ingress.data_plane must be "embedded" or "haproxy", not "${settings.dataPlane}"`,
  },
  {
    breaks: ({ servers }) => servers.some((server) => !isServerAddress(server)),
    sentence: ({ servers }) => {
      const wrong = servers.filter((server) => !isServerAddress(server)).map((server) => `"${server}"`);
      return `a server is named as "10.0.0.1:4646" or "https://10.0.0.1:4646", not as ${wrong.join(', ')}`;
    },
  },
  {
    breaks: ({ httpPort }) => !isPort(httpPort),
    sentence: ({ httpPort }) => `ports.http must be a whole number from 1 to 65535, not ${httpPort}`,
  },
  {
    breaks: ({ marathon }) => marathon !== undefined && !isPortRange({ first: marathon.port, last: marathon.port }),
    sentence: ({ marathon }) => `marathon.port must be a whole number from 1 to 65535, not ${marathon?.port}`,
  },
  {
    breaks: ({ marathon, httpPort }) => marathon?.port === httpPort,
    sentence: ({ httpPort }) => `marathon.port and ports.http are both ${httpPort}: each needs a port of its own`,
  },
  {
    breaks: ({ marathon, server }) => marathon !== undefined && !server.isEnabled,
    sentence: () => "Marathon's API is a server's: take the marathon block away, or enable the server role",
  },
  {
    breaks: ({ marathon }) => marathon !== undefined && !['exec', 'raw_exec'].includes(marathon.commandDriver),
    sentence: ({ marathon }) =>
      `marathon.command_driver must be "exec" or "raw_exec", not "${marathon?.commandDriver}"`,
  },
  {
    breaks: ({ logLevel }) => !LOG_LEVELS.some((level) => level === logLevel),
    sentence: ({ logLevel }) => `log_level must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}"`,
  },
  {
    breaks: ({ server }) => server.heartbeatTtlMs <= 0 || server.heartbeatGraceMs < 0,
    sentence: () => 'server.min_heartbeat_ttl must be more than nothing, and server.heartbeat_grace not less',
  },
  {
    breaks: ({ consul }) => consul !== undefined && !isConsulUrl(consul.url),
    sentence: () => 'consul.address is written as "127.0.0.1:8500" or "https://127.0.0.1:8501"',
  },
  {
    breaks: ({ client }) => Object.values(client.reserved).some((each) => typeof each === 'number' && each < 0),
    sentence: () => 'client.reserved cannot hold less than nothing',
  },
  {
    breaks: ({ client }) => client.maxKillTimeoutMs < 0,
    sentence: () => 'client.max_kill_timeout cannot be less than nothing',
  },
  {
    breaks: ({ client }) => !isPortList(client.reserved.ports),
    sentence: ({ client }) =>
      `client.reserved.reserved_ports must be ports and ranges such as "22,80,8000-8100", not "${client.reserved.ports}"`,
  },
  {
    breaks: ({ client }) => !isPortRange(client.dynamicPorts),
    sentence: ({ client: { dynamicPorts } }) =>
      `client.min_dynamic_port and client.max_dynamic_port must be ports from 1 to 65535, the first not above the last, not ${dynamicPorts.first} and ${dynamicPorts.last}`,
  },
  {
    breaks: ({ client }) => client.isEnabled && isMissingInterface(client.networkInterface),
    sentence: ({ client }) =>
      `client.network_interface "${client.networkInterface}" has no address on this machine; those that have one: ${interfaceNames().join(', ')}`,
  },
  {
    breaks: ({ client: { cpuTotalCompute, memoryTotalMB, networkSpeed } }) =>
      [cpuTotalCompute, memoryTotalMB, networkSpeed].some((each) => !Number.isInteger(each) || each < 0),
    sentence: () =>
      'client.cpu_total_compute (MHz), client.memory_total_mb and client.network_speed (Mbit/s) must be whole numbers; 0 asks the machine',
  },
  {
    breaks: ({ ingress }) => ingress.settings.trustedProxies.some((each) => !isNetwork(each)),
    sentence: ({ ingress }) => {
      const wrong = ingress.settings.trustedProxies.filter((each) => !isNetwork(each)).map((each) => `"${each}"`);
      return `ingress.trusted_proxies are addresses and networks such as "10.0.0.5" and "10.1.0.0/16", not ${wrong.join(', ')}`;
    },
  },
  {
    breaks: ({ ingress: { settings } }) => settings.acceptsProxyProtocol && settings.trustedProxies.length === 0,
    sentence: () =>
      'ingress.proxy_protocol needs ingress.trusted_proxies: whose word it is who the client is, as in trusted_proxies = ["10.0.0.5"]',
  },
  {
    breaks: ({ ingress: { settings } }) => settings.headerTimeoutMs <= 0 || settings.keepAliveTimeoutMs <= 0,
    sentence: () => 'ingress.header_timeout and ingress.keep_alive_timeout must be more than nothing',
  },
  {
    breaks: ({ ingress: { settings } }) => settings.marathonLbPort !== undefined && !isPort(settings.marathonLbPort),
    sentence: ({ ingress: { settings } }) =>
      `ingress.marathon_lb.port must be a whole number from 1 to 65535, not ${settings.marathonLbPort}`,
  },
  {
    breaks: ({ ingress: { settings } }) => !Number.isInteger(settings.maxHeld) || settings.maxHeld < 0,
    sentence: ({ ingress }) => `ingress.max_held must be a whole number, 0 or more, not ${ingress.settings.maxHeld}`,
  },
  {
    breaks: ({ tls }) => tls?.isServing === true && (tls.certFile === '' || tls.keyFile === ''),
    sentence: () => 'tls.http needs tls.cert_file and tls.key_file',
  },
  {
    breaks: ({ tls }) => tls !== undefined && (tls.certFile === '') !== (tls.keyFile === ''),
    sentence: () => 'tls.cert_file and tls.key_file belong together: set both',
  },
  {
    breaks: ({ tls }) => tls?.verifiesClients === true && (!tls.isServing || tls.caFile === ''),
    sentence: () => 'tls.verify_https_client needs tls.http = true and tls.ca_file, whose certificates are let in',
  },
  {
    breaks: ({ server, auth }) => server.isEnabled && auth !== undefined && auth.tokenFile === '',
    sentence: () => 'auth.agent_token_file alone is for nodes and ingresses: a server needs auth { token_file = "…" }',
  },
  {
    breaks: (config) => isOpen(config, config.httpAddress),
    sentence: ({ httpAddress }) =>
      `the API would listen on ${httpAddress}, where an open port is a shell on every node: set auth { token_file = "…" }, or tls { http = true, verify_https_client = true, … }, or insecure = true if the network itself is trusted`,
  },
  {
    breaks: (config) => config.marathon !== undefined && isOpen(config, config.marathon.bindAddress),
    sentence: ({ marathon }) =>
      `Marathon's API would listen on ${marathon?.bindAddress}, where an open port is a shell on every node: set auth { token_file = "…" }, whose token clients send as the password, or insecure = true if the network itself is trusted`,
  },
];

export function configMistakes(config: AgentConfig): string[] {
  return [
    ...RULES.filter((rule) => rule.breaks(config)).map((rule) => rule.sentence(config)),
    ...config.driverProblems,
  ];
}

const isOpen = (config: AgentConfig, address: string): boolean =>
  !isLoopback(address) && !isGuarded(config) && !config.isInsecure;

const isGuarded = ({ auth, tls }: AgentConfig): boolean => auth !== undefined || tls?.verifiesClients === true;

function isServerAddress(server: string): boolean {
  const url = serverUrlOf(server, false);
  return /^https?:\/\/[^/]+$/.test(url) && URL.canParse(url);
}

const isMissingInterface = (name: string): boolean => name !== '' && interfaceAddress(name) === undefined;

const isPortRange = ({ first, last }: { readonly first: number; readonly last: number }): boolean =>
  Number.isInteger(first) && Number.isInteger(last) && first >= 1 && last <= 65_535 && first <= last;

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;

function isPortList(text: string): boolean {
  return text === '' || text.split(',').every((part) => /^\s*\d{1,5}(-\d{1,5})?\s*$/.test(part));
}

function isConsulUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, pathname } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '' && pathname === '/';
}
