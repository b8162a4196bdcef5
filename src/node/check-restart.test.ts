import { describe, expect, it } from 'vitest';
import { SECOND } from '../model/nanos.ts';
import { afterLook, HEALTHY } from './check-restart.ts';
import type { CheckGrade } from './check-state.ts';

interface Policy {
  readonly Limit?: number;
  readonly Grace?: number;
  readonly IgnoreWarnings?: boolean;
}

const policy = { Limit: 3, Grace: 0, IgnoreWarnings: false };

/** One sign for each second after the start; answers the seconds at which the task is to be restarted. */
function restartsAt(results: string, changes: Policy = {}, interval = SECOND): number[] {
  const check = { CheckRestart: { ...policy, ...changes }, Interval: interval };
  const grades: Readonly<Record<string, CheckGrade>> = { '+': 'passing', '!': 'warning', '-': 'critical' };
  let unhealth = HEALTHY;
  return [...results].flatMap((sign, second) => {
    unhealth = afterLook(unhealth, { grade: grades[sign]!, nowMs: second * 1_000, startedMs: 0 }, check);
    return unhealth.mustRestart ? [second] : [];
  });
}

describe('a check with check_restart', () => {
  it.each([
    ['restarts after so many failures', '+---', {}, [3]],
    ['begins to count again with a success', '--+--+---', {}, [8]],
    ['restarts at the first failure where the limit is 1', '+-', { Limit: 1 }, [1]],
    ['never restarts with a limit of 0', '------', { Limit: 0 }, []],
    ['does not count what fails within the grace', '------', { Grace: 3 * SECOND }, [5]],
    ['counts warnings', '+!!!', {}, [3]],
    ['does not count warnings that are to be ignored', '-!-!-!---', { IgnoreWarnings: true }, [8]],
    ['asks again when nothing came of it, after as many failures', '-------', {}, [2, 5]],
  ] as const)('%s', (_name, results, changes, expected) => {
    expect(restartsAt(results, changes)).toEqual(expected);
  });

  it('gives a slow start the time of its intervals, though it is looked at more often', () => {
    expect(restartsAt('-'.repeat(25), {}, 10 * SECOND)).toEqual([20]);
  });

  it('does nothing where the check does not say so', () => {
    const check = { CheckRestart: null, Interval: SECOND };
    expect(afterLook(HEALTHY, { grade: 'critical', nowMs: 1_000_000, startedMs: 0 }, check)).toEqual(HEALTHY);
  });
});
