/** Where and when a bench ran: without that its figures say nothing. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

export interface Surroundings {
  readonly command: string;
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly 'load average at the start': string;
}

export function surroundings(command: string): Surroundings {
  const all = cpus();
  return {
    command,
    commit: commit(),
    date: new Date().toISOString(),
    machine: `${all.length} cores ${all[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    node: process.version,
    'load average at the start': loadAverage(),
  };
}

export const loadAverage = (): string =>
  loadavg()
    .map((load) => load.toFixed(2))
    .join(', ');

function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--', 'src', 'bench', 'scripts', 'bin') !== '';
    return git('rev-parse', '--short', 'HEAD') + (changed ? ' and changes on top' : '');
  } catch {
    return 'unknown';
  }
}
