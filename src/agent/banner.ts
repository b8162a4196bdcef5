/** What the agent prints when it is ready, and when it has stopped. Pure. */
import { urlHost } from './addresses.ts';
import type { AgentConfig } from './config.ts';

export function banner(config: AgentConfig, address: string, version: string): string {
  const roles = [
    config.server.isEnabled && 'server',
    config.client.isEnabled && 'client',
    config.ingress.isEnabled && 'ingress',
  ].filter(Boolean);
  const rows: [string, string][] = [
    ['Version', version],
    ['Address', address],
    ...marathonRows(config),
    ...marathonLbRows(config),
    ['Roles', roles.join(', ')],
    ['Region', `${config.region} (DC: ${config.datacenter})`],
    ['Data', config.dataDir],
    ['Log Level', config.logLevel],
    ...tokenRows(config),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    '==> Serin agent configuration:',
    '',
    ...rows.map(([name, value]) => `    ${name.padStart(width)}: ${value}`),
    '',
  ].join('\n');
}

const marathonRows = ({ marathon, tls }: AgentConfig): [string, string][] =>
  marathon
    ? [['Marathon', `http${tls?.isServing ? 's' : ''}://${urlHost(marathon.bindAddress)}:${marathon.port}`]]
    : [];

const marathonLbRows = ({ ingress }: AgentConfig): [string, string][] =>
  ingress.isEnabled && ingress.settings.marathonLbPort !== undefined
    ? [['Marathon-lb', `http://${urlHost(ingress.bindAddress)}:${ingress.settings.marathonLbPort}/haproxy?stats`]]
    : [];

function tokenRows({ auth }: AgentConfig): [string, string][] {
  if (auth === undefined) return [];
  const joins: [string, string] = ['Agent Token', `${auth.agentTokenFile} (nodes and ingresses join with it)`];
  return auth.tokenFile === '' ? [joins] : [['Token', `${auth.tokenFile} (as NOMAD_TOKEN)`], joins];
}

/** What a stop has left running: nobody shall wonder about processes without an agent. */
export function farewell({ isDev, client, ingress, dataDir }: AgentConfig): string {
  const left = [client.isEnabled && 'tasks', ingress.isEnabled && 'ingress'].filter(Boolean).join(' and ');
  if (isDev) return '==> The agent has stopped, and every task with it; its data directory is removed.';
  if (left === '') return '==> The agent has stopped.';
  const verb = left === 'ingress' ? 'goes' : 'go';
  return `==> The agent has stopped. Its ${left} ${verb} on running; the next agent on ${dataDir} takes them up.`;
}
