import { describe, expect, it } from 'vitest';
import { afterResult, initialCheckState, nextCheckMs } from './check-state.ts';

const plain = { SuccessBeforePassing: 0, FailuresBeforeCritical: 0, InitialStatus: '' };

function statuses(results: string, thresholds: Partial<typeof plain> = {}): string {
  const check = { ...plain, ...thresholds };
  let state = initialCheckState(check, 0);
  const seen = [state.status];
  for (const [at, result] of [...results].entries()) {
    state = afterResult(state, { ok: result === '+', output: '' }, check, at);
    seen.push(state.status);
  }
  return seen.map((status) => ({ pending: '?', passing: '+', critical: '-' })[status]).join('');
}

describe('a check', () => {
  it.each([
    ['follows each result without thresholds', '+-+', {}, '?+-+'],
    ['passes after so many successes in a row', '++-++++', { SuccessBeforePassing: 3 }, '???---+' + '+'],
    ['is critical after so many failures in a row', '+-+--+', { FailuresBeforeCritical: 2 }, '?++++-+'],
    ['takes its initial status', '-', { InitialStatus: 'passing' }, '+-'],
    ['is pending until it is critical', '--', { FailuresBeforeCritical: 2 }, '??-'],
  ])('%s', (_name, results, thresholds, expected) => {
    expect(statuses(results, thresholds)).toBe(expected);
  });

  it('knows since when it passes without a break', () => {
    let state = initialCheckState(plain, 0);
    const since = ['+', '+', '-', '+', '+'].map((result, at) => {
      state = afterResult(state, { ok: result === '+', output: '' }, plain, at * 10);
      return state.passingSinceMs;
    });
    expect(since).toEqual([0, 0, undefined, 30, 30]);
  });
});

describe('the pace of a check', () => {
  const pace = { intervalMs: 10_000, results: 1, hasPassed: false, sinceStartMs: 0 };

  it.each([
    ['is quick until the first pass', {}, 20],
    ['slows down', { results: 4 }, 20 * 1.4 ** 3],
    ['never beyond 200 ms while it is quick', { results: 100 }, 200],
    ['keeps to a shorter interval', { intervalMs: 10 }, 10],
    ['keeps to its interval once it has passed', { hasPassed: true }, 10_000],
    ['keeps to its interval when nothing came of being quick', { sinceStartMs: 15_001 }, 10_000],
  ])('%s', (_name, changes, expected) => {
    expect(nextCheckMs({ ...pace, ...changes })).toBe(expected);
  });
});
