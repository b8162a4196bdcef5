import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../model/nanos.ts';
import { decideRestart, NO_RESTARTS, type RestartQuestion } from './restart-policy.ts';

const question = (changes: Partial<RestartQuestion>): RestartQuestion => ({
  policy: { Attempts: 2, Interval: 30 * MINUTE, Delay: 15 * SECOND, Mode: 'fail' },
  endsByItself: false,
  outcome: 'failure',
  onlyOnce: false,
  history: NO_RESTARTS,
  nowMs: 1_000_000,
  random: { next: () => 0 },
  ...changes,
});

const NONE = { Attempts: 0, Interval: 0, Delay: SECOND, Mode: 'fail' };
const DELAY = { Attempts: 1, Interval: 60 * SECOND, Delay: SECOND, Mode: 'delay' };

describe('decideRestart', () => {
  it.each([
    ['restarts a service that failed', {}, { kind: 'restart', delayMs: 15_000 }],
    ['restarts a service that succeeded', { outcome: 'success' }, { kind: 'restart', delayMs: 15_000 }],
    ['restarts a batch task that failed', { endsByItself: true }, { kind: 'restart' }],
    ['completes a batch task that succeeded', { endsByItself: true, outcome: 'success' }, { kind: 'complete' }],
    ['fails without attempts', { policy: NONE }, { kind: 'fail', reason: 'Policy allows no restarts' }],
    [
      'fails beyond its attempts',
      { history: { intervalStartMs: 999_000, attempts: 2 } },
      { kind: 'fail', reason: 'Exceeded allowed attempts 2 in interval 30m0s and mode is "fail"' },
    ],
    [
      'counts anew in a new interval',
      { history: { intervalStartMs: 1_000_000 - 30 * 60_000 - 1, attempts: 2 } },
      { kind: 'restart', history: { intervalStartMs: 1_000_000, attempts: 1 } },
    ],
    [
      'waits for the next interval where its mode is delay',
      { policy: DELAY, history: { intervalStartMs: 990_000, attempts: 1 } },
      { kind: 'restart', delayMs: 50_000 },
    ],
    [
      'counts anew when the clock was set back behind the interval',
      { history: { intervalStartMs: 2_000_000, attempts: 2 } },
      { kind: 'restart', delayMs: 15_000, history: { intervalStartMs: 1_000_000, attempts: 1 } },
    ],
    [
      'takes an end that nobody knows for a failure',
      { endsByItself: true, outcome: 'unknown' },
      { kind: 'restart', delayMs: 15_000 },
    ],
    [
      'does not run a poststop task again that may have done its work',
      { endsByItself: true, outcome: 'unknown', onlyOnce: true },
      { kind: 'fail', reason: expect.stringContaining('Nobody knows how it ended') },
    ],
    ['runs a poststop task again that failed', { endsByItself: true, onlyOnce: true }, { kind: 'restart' }],
    ['adds up to a quarter to the delay', { random: { next: () => 1 } }, { kind: 'restart', delayMs: 18_750 }],
  ] as const)('%s', (_name, changes, expected) => {
    expect(decideRestart(question(changes as Partial<RestartQuestion>))).toMatchObject(expected);
  });
});
