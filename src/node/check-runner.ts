/** Looks at one check of an instance again and again while its task runs. */
import { type Clock, sleep } from '../lib/clock.ts';
import type { Probe } from './check-probe.ts';
import { afterResult, type CheckGrade, type CheckRules, type CheckState, nextCheckMs } from './check-state.ts';

export interface CheckRunnerOptions {
  readonly probe: Probe;
  readonly intervalMs: number;
  readonly rules: CheckRules;
  readonly state: CheckState;
  readonly onResult: (state: CheckState, grade: CheckGrade) => void;
  readonly clock: Clock;
}

/** Resolves when the signal aborts; and, of a check that says when an instance is ready, once it is. The first look is at once. */
export async function runCheck(options: CheckRunnerOptions, signal: AbortSignal): Promise<void> {
  const startMs = options.clock.nowMs();
  let state = options.state;
  let hasPassed = state.passingSinceMs !== undefined;
  const isOver = (): boolean => options.rules.Readiness === true && state.passingSinceMs !== undefined;
  for (let results = 1; !signal.aborted && !isOver(); results++) {
    const result = await options.probe(signal);
    if (signal.aborted) return;
    const nowMs = options.clock.nowMs();
    state = afterResult(state, result, options.rules, nowMs);
    hasPassed ||= state.passingSinceMs !== undefined;
    options.onResult(state, result.grade);
    const pace = { intervalMs: options.intervalMs, results, hasPassed, sinceStartMs: nowMs - startMs };
    if (!isOver()) await sleep(options.clock, nextCheckMs(pace), signal);
  }
}
