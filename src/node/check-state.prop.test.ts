import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterResult, type CheckGrade, type CheckState, initialCheckState } from './check-state.ts';

const threshold = fc.integer({ min: 0, max: 4 });
const rules = fc.record({
  SuccessBeforePassing: threshold,
  FailuresBeforeCritical: threshold,
  FailuresBeforeWarning: threshold,
  InitialStatus: fc.constantFrom('', 'passing', 'warning', 'critical'),
  OnUpdate: fc.constantFrom('', 'require_healthy', 'ignore_warnings', 'ignore'),
});
const grades = fc.array(fc.constantFrom<CheckGrade>('passing', 'warning', 'critical'), { maxLength: 40 });

function run(check: Parameters<typeof afterResult>[2], results: readonly CheckGrade[]): CheckState[] {
  const states = [initialCheckState(check, 0)];
  for (const [at, grade] of results.entries()) {
    states.push(afterResult(states.at(-1)!, { grade, output: '' }, check, at + 1));
  }
  return states;
}

/** How many of the last results are of these grades, without a break. */
function inARow(results: readonly CheckGrade[], ...wanted: CheckGrade[]): number {
  const broken = results.findLastIndex((grade) => !wanted.includes(grade));
  return results.length - 1 - broken;
}

describe('whatever a check finds', () => {
  it('its status becomes what enough results in a row say, and nothing else', () => {
    fc.assert(
      fc.property(rules, grades, (check, results) => {
        const states = run(check, results);
        for (let at = 1; at < states.length; at++) {
          const [before, now] = [states[at - 1]!.status, states[at]!.status];
          const seen = results.slice(0, at);
          const enough = {
            passing: inARow(seen, 'passing') >= Math.max(1, check.SuccessBeforePassing),
            critical: inARow(seen, 'critical') >= Math.max(1, check.FailuresBeforeCritical),
            warning: inARow(seen, 'warning', 'critical') >= Math.max(1, check.FailuresBeforeWarning),
            pending: false,
          };
          if (now !== before) expect(enough[now]).toBe(true);
          if (enough.passing) expect(now).toBe('passing');
          if (enough.critical) expect(now).toBe('critical');
        }
      }),
    );
  });

  it('its history is short, in order, and misses no result of those that it tells of', () => {
    fc.assert(
      fc.property(rules, grades, (check, results) => {
        const history = run(check, results).at(-1)!.history ?? [];
        expect(history.length).toBeLessThanOrEqual(10);
        const told = history.flatMap(({ Result, Count }) => Array.from({ length: Count }, () => Result));
        expect(told).toEqual(results.slice(results.length - told.length));
        for (const [at, { FirstMs, LastMs, Count }] of history.entries()) {
          expect(LastMs - FirstMs).toBe(Count - 1);
          if (at > 0) expect(FirstMs).toBe(history[at - 1]!.LastMs + 1);
        }
      }),
    );
  });
});
