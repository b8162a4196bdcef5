/** Who gets which part of the requests: as the pools say, and as it was in the last moment. Pure. */
import type { BackendPulse, PoolPulse } from '../../src/model/ingress-pulse.ts';
import type { Beat } from '../live/beats.ts';

export interface Share {
  readonly version: number;
  /** 0 to 100: what the weights and the ready instances give it. */
  readonly planned: number;
}

/** Of one backend, the newest version first. */
export function plannedShares({ Pools }: BackendPulse): Share[] {
  const shares = new Map<number, number>();
  for (const { version, part } of Pools.flatMap(partsOf)) shares.set(version, (shares.get(version) ?? 0) + part);
  return [...shares].map(([version, planned]) => ({ version, planned })).sort((a, b) => b.version - a.version);
}

/** A pool's weight, shared by its instances as they are weighed among themselves. */
function partsOf({ Weight, Servers = [] }: PoolPulse): { version: number; part: number }[] {
  const ready = Servers.filter(({ State }) => State === 'ready');
  const total = ready.reduce((sum, server) => sum + server.Weight, 0);
  const versions = [...new Set(Servers.map(({ Version }) => Version))];
  return versions.map((version) => {
    const own = ready.filter(({ Version }) => Version === version).reduce((sum, server) => sum + server.Weight, 0);
    return { version, part: total === 0 ? 0 : (Weight * own) / total };
  });
}

/** 0 to 100 by version; undefined: no request came in that moment. */
export function measuredShares(beat: Beat | undefined): ReadonlyMap<number, number> | undefined {
  const rates = [...(beat?.versions ?? [])].map(
    ([version, { requestsPerSecond }]) => [version, requestsPerSecond] as const,
  );
  const total = rates.reduce((sum, [, rate]) => sum + rate, 0);
  return total === 0 ? undefined : new Map(rates.map(([version, rate]) => [version, (100 * rate) / total]));
}
