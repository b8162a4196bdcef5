/** The drivers of a node: which can be used, and why others cannot. */
import type { DriverInfo } from '../../src/model/node.ts';
import type { Tone } from '../kit/badge.tsx';

export interface DriverRow {
  readonly name: string;
  readonly word: 'healthy' | 'unhealthy' | 'not there';
  readonly tone: Tone;
  readonly version: string;
  /** Why it is as it is; "": there is nothing to say. */
  readonly about: string;
}

/** What needs a look first. */
export function driverRows(
  drivers: Readonly<Record<string, DriverInfo>> | null | undefined,
  attributes: Readonly<Record<string, string>> = {},
): readonly DriverRow[] {
  const rows = Object.entries(drivers ?? {}).map(([name, info]) =>
    driverRow(name, info, attributes[`driver.${name}.version`] ?? ''),
  );
  return rows.sort((a, b) => ORDER[a.word] - ORDER[b.word] || a.name.localeCompare(b.name));
}

const ORDER = { unhealthy: 0, healthy: 1, 'not there': 2 } as const;

function driverRow(name: string, info: DriverInfo, version: string): DriverRow {
  const about = info.HealthDescription === 'Healthy' ? '' : info.HealthDescription;
  if (info.Healthy) return { name, word: 'healthy', tone: 'good', version, about };
  return info.Detected
    ? { name, word: 'unhealthy', tone: 'bad', version, about }
    : { name, word: 'not there', tone: 'quiet', version, about };
}

/** "exec, raw_exec; docker is unhealthy". */
export function driverWords(drivers: Readonly<Record<string, DriverInfo>> | null | undefined): string {
  const rows = driverRows(drivers);
  const healthy = rows.filter(({ word }) => word === 'healthy').map(({ name }) => name);
  const unhealthy = rows.filter(({ word }) => word === 'unhealthy').map(({ name }) => `${name} is unhealthy`);
  return [healthy.join(', ') || 'none', ...unhealthy].join('; ');
}
