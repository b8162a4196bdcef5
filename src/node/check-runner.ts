/** Looks at one check of an instance again and again while its task runs. */
import { type Clock, sleep } from '../lib/clock.ts';
import type { Probe } from './check-probe.ts';
import { afterResult, type CheckGrade, type CheckRules, type CheckState, nextCheckMs } from './check-state.ts';

export interface CheckRunnerOptions {
  readonly probe: Probe;
  readonly intervalMs: number;
  /** Before the first look of all. */
  readonly initialDelayMs?: number;
  readonly rules: CheckRules;
  readonly state: CheckState;
  readonly onResult: (state: CheckState, grade: CheckGrade) => void;
  readonly clock: Clock;
}

/** Resolves when the signal aborts; and, of a check that says when an instance is ready, once it is. The first look is at once,
 * or after its delay; what was looked at by an agent before waits for none. */
export async function runCheck(options: CheckRunnerOptions, signal: AbortSignal): Promise<void> {
  const { initialDelayMs = 0 } = options;
  if (initialDelayMs > 0 && !hasResult(options.state)) await sleep(options.clock, initialDelayMs, signal);
  const startMs = options.clock.nowMs();
  let state = options.state;
  let hasPassed = state.passingSinceMs !== undefined;
  const isOver = (): boolean => options.rules.Readiness === true && state.passingSinceMs !== undefined;
  for (let results = 1; !signal.aborted && !isOver(); results++) {
    const result = await options.probe(signal);
    if (signal.aborted) return;
    const nowMs = options.clock.nowMs();
    if (!result.isIgnored) {
      state = afterResult(state, result, options.rules, nowMs);
      hasPassed ||= state.passingSinceMs !== undefined;
      options.onResult(state, result.grade);
    }
    const pace = { intervalMs: options.intervalMs, results, hasPassed, sinceStartMs: nowMs - startMs };
    if (!isOver()) await sleep(options.clock, nextCheckMs(pace), signal);
  }
}

const hasResult = ({ history = [] }: CheckState): boolean => history.length > 0;
