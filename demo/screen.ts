/** What the demonstration shows while an update runs: pure text from figures. */
import { styleText } from 'node:util';
import type { AllocTraffic } from '../src/model/allocation.ts';
import { isClientTerminal } from '../src/model/allocation.ts';

export interface Instance {
  readonly JobVersion: number;
  readonly ClientStatus: 'pending' | 'running' | 'complete' | 'failed' | 'lost';
  readonly DesiredStatus: string;
  readonly DeploymentStatus: { readonly Healthy: boolean | null } | null;
  readonly Traffic?: AllocTraffic;
}

export interface Frame {
  readonly elapsedMs: number;
  readonly instances: readonly Instance[];
  /** Requests per second in the last interval, by version. */
  readonly perSecond: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly failed: number;
  readonly waiting: string;
}

/** "v1": job version 0 answers as v1, 1 as v2. */
const versionName = (jobVersion: number): string => `v${jobVersion + 1}`;

interface Counts {
  readonly name: string;
  readonly running: number;
  readonly starting: number;
  readonly healthy: number;
  readonly draining: number;
}

export function countInstances(instances: readonly Instance[]): Counts[] {
  const versions = [...new Set(instances.map((each) => each.JobVersion))].sort((a, b) => a - b);
  return versions.map((version) => {
    const alive = instances.filter((each) => each.JobVersion === version && !isClientTerminal(each));
    const wanted = alive.filter((each) => each.DesiredStatus === 'run');
    return {
      name: versionName(version),
      running: alive.filter((each) => each.ClientStatus === 'running').length,
      starting: wanted.filter((each) => each.ClientStatus === 'pending').length,
      healthy: wanted.filter((each) => each.DeploymentStatus?.Healthy === true).length,
      draining: alive.length - wanted.length,
    };
  });
}

/** One line: for logs and terminals that cannot be redrawn. */
export function plainLine(frame: Frame): string {
  const parts = countInstances(frame.instances).map(
    (each) =>
      `${each.name}: ${each.healthy} healthy, ${each.starting} starting, ${each.draining} draining, ${frame.perSecond[each.name] ?? 0} req/s`,
  );
  return `${seconds(frame.elapsedMs).padStart(6)}  ${parts.join('  |  ')}  |  ${frame.requests} requests, ${frame.failed} failed`;
}

/** A few lines with bars, to be drawn over each other: none may be wider than the terminal. */
export function liveScreen(frame: Frame, columns: number): string {
  const total = Object.values(frame.perSecond).reduce((sum, each) => sum + each, 0);
  const rows = countInstances(frame.instances).map((each) => {
    const rate = frame.perSecond[each.name] ?? 0;
    const share = total === 0 ? 0 : rate / total;
    const cells = [
      styleText('green', '●'.repeat(each.healthy)),
      styleText(
        'yellow',
        '◐'.repeat(Math.max(0, each.running - each.healthy - each.draining)) + '○'.repeat(each.starting),
      ),
      styleText('gray', '◌'.repeat(each.draining)),
    ].join('');
    const width =
      each.healthy + Math.max(0, each.running - each.healthy - each.draining) + each.starting + each.draining;
    return `  ${styleText('bold', each.name)}  ${cells}${' '.repeat(Math.max(0, 10 - width))} ${bar(share)} ${String(rate).padStart(5)} req/s`;
  });
  const failed = frame.failed === 0 ? styleText('green', '0 failed') : styleText('red', `${frame.failed} failed`);
  return [
    `${styleText('bold', seconds(frame.elapsedMs))}  ${frame.requests} requests, ${failed}`,
    ...rows,
    styleText('gray', '  ● healthy  ◐ running, not yet healthy  ○ starting  ◌ draining'),
    styleText('gray', frame.waiting ? `  waits: ${frame.waiting}`.slice(0, columns - 1) : ''),
  ].join('\n');
}

function bar(share: number): string {
  const width = 24;
  const full = Math.round(share * width);
  return styleText('cyan', '█'.repeat(full)) + styleText('gray', '░'.repeat(width - full));
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`;
