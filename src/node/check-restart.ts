/**
 * When a failing check restarts its task. Pure. `limit` failures are so many of the check's intervals, however often a
 * new instance is looked at meanwhile: a slow start is not taken for a dead one because somebody was impatient.
 */
import { msFromNanos } from '../lib/duration.ts';
import type { ServiceCheck } from '../model/service.ts';
import type { CheckGrade } from './check-state.ts';

export interface Unhealth {
  /** When the first failure that counts was seen; undefined while there is none. */
  readonly sinceMs: number | undefined;
  readonly mustRestart: boolean;
}

export const HEALTHY: Unhealth = { sinceMs: undefined, mustRestart: false };

export interface FoundAt {
  readonly grade: CheckGrade;
  readonly nowMs: number;
  /** When the task started, as far as this check knows. */
  readonly startedMs: number;
}

export function afterLook(before: Unhealth, found: FoundAt, check: Pick<ServiceCheck, 'CheckRestart' | 'Interval'>) {
  const { CheckRestart, Interval } = check;
  if (CheckRestart === null || CheckRestart.Limit <= 0) return HEALTHY;
  const isBad = found.grade === 'critical' || (found.grade === 'warning' && !CheckRestart.IgnoreWarnings);
  const isInGrace = found.nowMs - found.startedMs < msFromNanos(CheckRestart.Grace);
  if (!isBad || isInGrace) return HEALTHY;
  const sinceMs = before.sinceMs ?? found.nowMs;
  const patienceMs = msFromNanos(Interval) * (CheckRestart.Limit - 1);
  // Once asked for, it counts anew: a restart that could not be made is asked for again, but not with every look.
  return found.nowMs - sinceMs >= patienceMs
    ? { sinceMs: undefined, mustRestart: true }
    : { sinceMs, mustRestart: false };
}
