/** What `serin agent -help` prints. Pure. */
import type { FlagSpec } from '../cli/flags.ts';

export function agentHelp(flags: readonly FlagSpec[]): string {
  const rows = flags.map((flag) => [`  -${flag.name}${flag.value ? `=<${flag.value}>` : ''}`, flag.about] as const);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    'Usage: serin agent [options]',
    '',
    'Runs an agent: server, node and ingress, as its configuration says.',
    'To try things out: serin agent -dev',
    '',
    'SIGINT or SIGTERM ends it in order, a second one hurries, SIGHUP reads the configuration again.',
    '',
    'Options:',
    ...rows.map(([left, right]) => left.padEnd(width) + right),
  ].join('\n');
}
