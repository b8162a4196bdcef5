/** The flags of `serin agent`, and what was given of them in the shape of a configuration file: flags win. Pure. */
import type { FlagSpec, Flags } from '../cli/flags.ts';
import type { RawConfig } from './config-merge.ts';
import { LOG_LEVELS } from './log.ts';

export const AGENT_FLAGS: readonly FlagSpec[] = [
  {
    name: 'dev',
    about: 'Server, node and ingress in one go, for trying things out; the end stops every task and removes all data.',
  },
  {
    name: 'config',
    value: 'path',
    repeated: true,
    about: 'A file or folder of configuration, HCL or JSON; merged in order.',
  },
  { name: 'data-dir', value: 'path', about: 'Where the agent keeps its state.' },
  {
    name: 'insecure',
    about: 'Listen beyond loopback without tokens or certificates; only where the network is trusted.',
  },
  { name: 'bind', value: 'address', about: 'The address to listen on. Default 127.0.0.1.' },
  { name: 'http-port', value: 'port', about: 'The port of the API. Default 4646.' },
  { name: 'region', value: 'name', about: 'The region. Default global.' },
  { name: 'dc', value: 'name', about: 'The datacenter. Default dc1.' },
  { name: 'node', value: 'name', about: 'The name of this agent. Default: the host name.' },
  { name: 'log-level', value: 'level', about: `One of ${LOG_LEVELS.join(', ')}. Default info.` },
  { name: 'log-json', about: 'Log as JSON.' },
  { name: 'server', about: 'Enable the server role.' },
  { name: 'client', about: 'Enable the node role.' },
  { name: 'ingress', about: 'Enable the ingress role.' },
  { name: 'ingress-data-plane', value: 'name', about: 'What carries the requests: embedded (default) or haproxy.' },
  {
    name: 'marathon',
    about: "Answer Marathon's API (/v2), on port 8080 unless a marathon block says another.",
  },
  { name: 'marathon-port', value: 'port', about: "The port of Marathon's API; asks for it as -marathon does." },
  { name: 'servers', value: 'addresses', about: 'Servers that node and ingress join, separated by commas.' },
  { name: 'node-class', value: 'class', about: 'The class of this node.' },
  { name: 'meta', value: 'key=value', repeated: true, about: 'Metadata of this node.' },
];

export function flagConfig(flags: Flags): RawConfig {
  const text = (flag: string, name: string): RawConfig => {
    const value = flags.text(flag);
    return value === undefined ? {} : { [name]: value };
  };
  // Given as `-client=false` it takes a role away that a file or -dev gives.
  const role = (flag: string): RawConfig =>
    flags.is(flag, true) === flags.is(flag, false) ? { enabled: flags.is(flag) } : {};
  const port = flags.text('http-port');
  const servers = flags.text('servers')?.split(',').filter(Boolean);
  const meta = Object.fromEntries(
    flags.list('meta').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  return {
    ...text('data-dir', 'data_dir'),
    ...text('bind', 'bind_addr'),
    ...text('region', 'region'),
    ...text('dc', 'datacenter'),
    ...text('node', 'name'),
    ...text('log-level', 'log_level'),
    ...(flags.is('log-json') && { log_json: true }),
    ...(flags.is('insecure') && { insecure: true }),
    ...(port !== undefined && { ports: { http: Number(port) } }),
    ...block('server', role('server')),
    ...block('client', {
      ...role('client'),
      ...text('node-class', 'node_class'),
      ...(servers && { servers }),
      ...block('meta', meta),
    }),
    ...marathonOf(flags),
    ...block('ingress', {
      ...role('ingress'),
      ...text('ingress-data-plane', 'data_plane'),
      ...(servers && { servers }),
    }),
  };
}

/** The flag alone is an empty block: it is there, and everything in it is as usual. */
function marathonOf(flags: Flags): RawConfig {
  const port = flags.text('marathon-port');
  if (port !== undefined) return { marathon: { port: Number(port) } };
  return flags.is('marathon') ? { marathon: {} } : {};
}

/** Left out where it says nothing. */
const block = (name: string, content: RawConfig): RawConfig =>
  Object.keys(content).length > 0 ? { [name]: content } : {};

export function flagMistakes(flags: Flags): string[] {
  const mistakes = flags
    .list('meta')
    .filter((pair) => !/^[^=]+=/.test(pair))
    .map((pair) => `-meta needs key=value, not "${pair}"`);
  for (const name of ['http-port', 'marathon-port']) {
    const port = flags.text(name);
    if (port !== undefined && !/^\d{1,5}$/.test(port)) mistakes.push(`-${name} must be a number, not "${port}"`);
  }
  return mistakes;
}
