/** A check's status from its results, one after the other. Pure; thresholds count results in a row. */
import type { AllocCheckStatus } from '../model/allocation.ts';
import type { ServiceCheck } from '../model/service.ts';

export interface CheckState {
  readonly status: AllocCheckStatus['Status'];
  readonly output: string;
  readonly timestampMs: number;
  /** Since when it has been passing without a break; undefined while it is not. */
  readonly passingSinceMs: number | undefined;
  readonly successes: number;
  readonly failures: number;
}

export interface CheckResult {
  readonly ok: boolean;
  readonly output: string;
}

type Thresholds = Pick<ServiceCheck, 'SuccessBeforePassing' | 'FailuresBeforeCritical' | 'InitialStatus'>;

/** `initial_status = "passing"` takes traffic before the first result. */
export function initialCheckState(check: Thresholds, nowMs: number): CheckState {
  const passing = check.InitialStatus === 'passing';
  return {
    status: passing ? 'passing' : 'pending',
    output: '',
    timestampMs: nowMs,
    passingSinceMs: passing ? nowMs : undefined,
    successes: 0,
    failures: 0,
  };
}

export function afterResult(state: CheckState, result: CheckResult, check: Thresholds, nowMs: number): CheckState {
  const successes = result.ok ? state.successes + 1 : 0;
  const failures = result.ok ? 0 : state.failures + 1;
  const status = nextStatus(state.status, successes, failures, check);
  const passingSinceMs = status === 'passing' ? (state.passingSinceMs ?? nowMs) : undefined;
  return { status, output: result.output, timestampMs: nowMs, passingSinceMs, successes, failures };
}

function nextStatus(
  now: CheckState['status'],
  successes: number,
  failures: number,
  check: Thresholds,
): CheckState['status'] {
  if (successes >= Math.max(1, check.SuccessBeforePassing)) return 'passing';
  if (failures >= Math.max(1, check.FailuresBeforeCritical)) return 'critical';
  return now;
}

/** The first looks come quickly, so that a new instance does not wait for its interval; later ones keep to it. */
const QUICK_FIRST_MS = 20;
const QUICK_GROWTH = 1.4;
const QUICK_LAST_MS = 200;
const QUICK_FOR_MS = 15_000;

export interface CheckPace {
  readonly intervalMs: number;
  /** Results so far, since the task started. */
  readonly results: number;
  readonly hasPassed: boolean;
  readonly sinceStartMs: number;
}

/** How long until the next look. */
export function nextCheckMs(pace: CheckPace): number {
  if (pace.hasPassed || pace.sinceStartMs > QUICK_FOR_MS) return pace.intervalMs;
  return Math.min(pace.intervalMs, QUICK_LAST_MS, QUICK_FIRST_MS * QUICK_GROWTH ** (pace.results - 1));
}
