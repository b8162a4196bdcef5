import { describe, expect, it } from 'vitest';
import {
  afterResult,
  type CheckGrade,
  type CheckState,
  initialCheckState,
  isGood,
  nextCheckMs,
} from './check-state.ts';

const plain = { SuccessBeforePassing: 0, FailuresBeforeCritical: 0, InitialStatus: '', OnUpdate: '' };
type Rules = typeof plain & { FailuresBeforeWarning?: number };

const GRADES: Readonly<Record<string, CheckGrade>> = { '+': 'passing', '!': 'warning', '-': 'critical' };
const SIGNS = { pending: '?', passing: '+', warning: '!', critical: '-' } as const;

function states(results: string, rules: Partial<Rules> = {}): CheckState[] {
  const check = { ...plain, ...rules };
  const seen = [initialCheckState(check, 0)];
  for (const [at, sign] of [...results].entries()) {
    seen.push(afterResult(seen.at(-1)!, { grade: GRADES[sign]!, output: `look ${at}` }, check, at * 10));
  }
  return seen;
}

const statuses = (results: string, rules: Partial<Rules> = {}): string =>
  states(results, rules)
    .map(({ status }) => SIGNS[status])
    .join('');

describe('a check', () => {
  it.each([
    ['follows each result without thresholds', '+-!+', {}, '?+-!+'],
    ['passes after so many successes in a row', '++-++++', { SuccessBeforePassing: 3 }, '???---++'],
    ['is critical after so many failures in a row', '+-+--+', { FailuresBeforeCritical: 2 }, '?++++-+'],
    ['takes its initial status', '-', { InitialStatus: 'passing' }, '+-'],
    ['may begin with a warning', '+', { InitialStatus: 'warning' }, '!+'],
    ['is pending until somebody has looked, critical or not', '+', { InitialStatus: 'critical' }, '?+'],
    ['is pending until it is critical', '--', { FailuresBeforeCritical: 2 }, '??-'],
    ['does not count warnings as critical', '+-!-!--', { FailuresBeforeCritical: 2 }, '?++!!!!-'],
    ['warns before it is critical', '+---+', { FailuresBeforeWarning: 1, FailuresBeforeCritical: 3 }, '?+!!-+'],
    [
      'warns after so many failures in a row',
      '+-+---',
      { FailuresBeforeWarning: 2, FailuresBeforeCritical: 3 },
      '?++++!-',
    ],
    ['holds a mild failure to failures_before_warning too', '+!!', { FailuresBeforeWarning: 2 }, '?++!'],
    ['gets better when what was critical only warns', '-!+', {}, '?-!+'],
    ['a critical one does not become a warning by failing on', '--!-', { FailuresBeforeWarning: 1 }, '?--!-'],
  ] as const)('%s', (_name, results, rules, expected) => {
    expect(statuses(results, rules)).toBe(expected);
  });

  it('knows since when it passes without a break', () => {
    const since = states('++-++').map(({ passingSinceMs }) => passingSinceMs);
    expect(since).toEqual([undefined, 0, 0, undefined, 30, 30]);
  });

  it('counts a warning as good where on_update says so', () => {
    const since = states('+!+-', { OnUpdate: 'ignore_warnings' }).map(({ passingSinceMs }) => passingSinceMs);
    expect(since).toEqual([undefined, 0, 0, 0, undefined]);
  });

  it.each([
    ['require_healthy', { passing: true, warning: false, critical: false, pending: false }],
    ['ignore_warnings', { passing: true, warning: true, critical: false, pending: false }],
    ['ignore', { passing: true, warning: true, critical: false, pending: false }],
  ])('of on_update = "%s" lets requests in by its status', (OnUpdate, expected) => {
    const found = Object.keys(expected).map((status) => [status, isGood(status as CheckState['status'], { OnUpdate })]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });
});

it('what the last failure said stays after the check passes again', () => {
  expect(states('+--++').map(({ lastFailOutput }) => lastFailOutput)).toEqual([
    undefined,
    undefined,
    'look 1',
    'look 2',
    'look 2',
    'look 2',
  ]);
});

describe('the history of a check', () => {
  it('is a line for each change, with how often and how long it was so', () => {
    const history = states('+++--+').at(-1)?.history;
    expect(history).toEqual([
      { Result: 'passing', Status: 'passing', Output: 'look 2', FirstMs: 0, LastMs: 20, Count: 3 },
      { Result: 'critical', Status: 'critical', Output: 'look 4', FirstMs: 30, LastMs: 40, Count: 2 },
      { Result: 'passing', Status: 'passing', Output: 'look 5', FirstMs: 50, LastMs: 50, Count: 1 },
    ]);
  });

  it('tells failures that are not yet enough from those that are', () => {
    const history = states('+--', { FailuresBeforeCritical: 2 }).at(-1)?.history;
    expect(history?.map(({ Result, Status }) => `${Result}: ${Status}`)).toEqual([
      'passing: passing',
      'critical: passing',
      'critical: critical',
    ]);
  });

  it('ends with the newest ten, however often it flaps', () => {
    const history = states('+-'.repeat(30)).at(-1)?.history;
    expect(history).toHaveLength(10);
    expect(history?.at(-1)).toMatchObject({ Result: 'critical', Output: 'look 59' });
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
