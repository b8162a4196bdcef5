/** What versions have served, as text: one beside the other. */
import type { DeploymentTraffic, VersionFigures, VersionTraffic } from '../../model/version-figures.ts';
import type { Style } from './style.ts';
import { formatList } from './table.ts';
import { formatBytes, formatDistance } from './words.ts';

const FIGURES = ['Requests', 'Failed', 'In flight', 'p50', 'p95', 'p99', 'In', 'Out'];

export const VERSION_HEAD: readonly string[] = ['Version', ...FIGURES];

/** Latency: from the whole request to the first byte of its answer. */
export function figureCells({ Requests, Errors, InFlight, BytesIn, BytesOut, LatencyMs }: VersionFigures): string[] {
  const { P50, P95, P99 } = LatencyMs ?? {};
  const times = [P50, P95, P99].map((ms) => (ms === undefined ? '-' : formatLatency(ms)));
  const failed = Errors === 0 ? '0' : `${Errors} (${percentOf(Errors, Requests)})`;
  return [String(Requests), failed, String(InFlight), ...times, formatBytes(BytesIn), formatBytes(BytesOut)];
}

/** Below `deployment status`: "" while nothing has come. */
export function formatDeploymentTraffic(
  traffic: DeploymentTraffic | null | undefined,
  newVersion: number,
  { nowMs, style }: { readonly nowMs: number; readonly style: Style },
): string {
  if (!traffic || traffic.Versions.length + traffic.Unserved === 0) return '';
  const head = ['Service', VERSION_HEAD[0]!, 'Pool', 'Per second', ...FIGURES, 'Since'];
  const rows = traffic.Versions.map((each) => trafficRow(each, newVersion, nowMs));
  const lost = traffic.Unserved === 0 ? [] : [`${traffic.Unserved} requests reached no instance`];
  return [style.bold('Requests'), ...(rows.length === 0 ? [] : [formatList([head, ...rows])]), ...lost].join('\n');
}

const trafficRow = (each: VersionTraffic, newVersion: number, nowMs: number): string[] => [
  each.Backend.slice(each.Backend.lastIndexOf('/') + 1),
  each.Version === newVersion ? `${each.Version} (new)` : String(each.Version),
  each.Pools.join(', ') || '-',
  each.RequestsPerSecond.toFixed(1),
  ...figureCells(each),
  formatDistance(each.SinceMs, nowMs),
];

const formatLatency = (ms: number): string => {
  if (ms < 10) return `${ms.toFixed(1)}ms`;
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`;
};

const percentOf = (part: number, all: number): string => `${((100 * part) / Math.max(1, all)).toFixed(2)}%`;
