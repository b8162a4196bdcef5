/** What each service does just now, by version: the difference of its last two counts. Pure. */
import type { BackendPulse } from '../../src/model/ingress-pulse.ts';
import { type Beat, beatsAfter } from '../live/beats.ts';

/** By the id of a backend. */
export type Rates = ReadonlyMap<string, Beat>;

export function ratesAfter(before: Rates, atMs: number, backends: readonly BackendPulse[]): Rates {
  return new Map(
    backends.map((backend) => {
      const last = before.get(backend.ID);
      return [backend.ID, beatsAfter(last ? [last] : [], atMs, [backend]).at(-1) as Beat];
    }),
  );
}

export interface ServiceRate {
  readonly requestsPerSecond: number;
  /** 0 to 1; undefined: no request. */
  readonly errorShare: number | undefined;
}

/** All versions together. */
export function rateOf(beat: Beat | undefined): ServiceRate {
  let [requests, errors] = [0, 0];
  for (const { requestsPerSecond, errorShare = 0 } of beat?.versions.values() ?? []) {
    requests += requestsPerSecond;
    errors += requestsPerSecond * errorShare;
  }
  return { requestsPerSecond: requests, errorShare: requests === 0 ? undefined : errors / requests };
}
