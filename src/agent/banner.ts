/** What the agent prints when it is ready: where it answers, what it is, what comes in where. Pure. */
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
    ['Roles', roles.join(', ')],
    ['Region', `${config.region} (DC: ${config.datacenter})`],
    ['Data', config.dataDir],
    ['Log Level', config.logLevel],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    '==> Serin agent configuration:',
    '',
    ...rows.map(([name, value]) => `    ${name.padStart(width)}: ${value}`),
    '',
  ].join('\n');
}
