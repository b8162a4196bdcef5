/** How long instances of a lost node are waited for: arithmetic, words, canonical form, judgement. */
import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from './canonicalize.ts';
import { diffJobs } from './diff/diff-jobs.ts';
import {
  type DisconnectStrategy,
  type DisconnectTimes,
  disconnectedWords,
  disconnectTimes,
  nextChangeMs,
  validateDisconnect,
} from './disconnect.ts';
import { MINUTE } from './nanos.ts';
import { updateKind } from './update-kind.ts';

const AT = 1_000_000;
const MINUTE_MS = 60_000;
const strategy = (fields: Partial<DisconnectStrategy> = {}): DisconnectStrategy => ({
  LostAfter: null,
  Replace: true,
  Reconcile: 'keep_original',
  ...fields,
});

it.each<[Partial<DisconnectStrategy>, Omit<DisconnectTimes, 'SinceMs'>]>([
  [
    { LostAfter: 10 * MINUTE, ReplaceAfter: 5 * MINUTE },
    { ReplaceAtMs: AT + 300_000, LostAtMs: AT + 600_000 },
  ],
  [{ LostAfter: 10 * MINUTE }, { ReplaceAtMs: AT, LostAtMs: AT + 600_000 }],
  [{ LostAfter: 10 * MINUTE, Replace: false }, { LostAtMs: AT + 600_000 }],
  [{ Replace: false }, {}],
])('%j', (fields, expected) => {
  expect(disconnectTimes(strategy(fields), AT)).toEqual({ SinceMs: AT, ...expected });
});

const both = { SinceMs: AT, ReplaceAtMs: AT + 5 * MINUTE_MS, LostAtMs: AT + 10 * MINUTE_MS };

it.each<[DisconnectTimes, number, string, number | undefined]>([
  [both, 1, 'lost since 1m0s; another takes its place in 4m0s, and it is forgotten in 9m0s', both.ReplaceAtMs],
  [both, 6, 'lost since 6m0s; another takes its place until it is back, and it is forgotten in 4m0s', both.LostAtMs],
  [{ SinceMs: AT, LostAtMs: AT + 10 * MINUTE_MS }, 1, 'lost since 1m0s; it is replaced in 9m0s', AT + 600_000],
  [{ SinceMs: AT }, 1, 'lost since 1m0s; it is waited for until it is back', undefined],
])('%j is said after %i minutes', (times, minutes, words, next) => {
  const nowMs = AT + minutes * MINUTE_MS;
  expect(disconnectedWords('n1', times, nowMs)).toBe(`its node n1 is ${words}`);
  expect(nextChangeMs(times, nowMs)).toBe(next);
});

const canonical = (Disconnect: unknown) =>
  canonicalizeJob({ ID: 'web', TaskGroups: [{ Name: 'app', Tasks: [], Disconnect }] }).job.TaskGroups[0];

describe('a group as a client sends it', () => {
  it('has no block where none was said', () => {
    expect(canonical(undefined)).not.toHaveProperty('Disconnect');
    expect(canonical(null)).not.toHaveProperty('Disconnect');
  });

  it('replaces at once, and keeps the original, unless it says otherwise', () => {
    expect(canonical({})?.Disconnect).toEqual(strategy());
    expect(canonical({ Reconcile: 'best_score', LostAfter: MINUTE })?.Disconnect).toEqual(
      strategy({ LostAfter: MINUTE }),
    );
  });
});

it.each<[string, Partial<DisconnectStrategy>, RegExp | undefined]>([
  ['both times', { LostAfter: 2 * MINUTE, ReplaceAfter: MINUTE }, undefined],
  ['nothing', {}, undefined],
  ['a longer wait for the replacement', { LostAfter: MINUTE, ReplaceAfter: 2 * MINUTE }, /must not be longer/],
  ['no replacement, and when', { Replace: false, ReplaceAfter: MINUTE }, /leave one of them out/],
  ['a negative time', { LostAfter: -1 }, /positive/],
  ['another word', { Reconcile: 'newest' }, /reconcile must be "keep_original"/],
  ['that nodes stop it', { StopOnClientAfter: MINUTE }, /use lost_after/],
])('%s is judged', (_, fields, expected) => {
  const words = validateDisconnect(strategy(fields))
    .map((problem) => JSON.stringify(problem))
    .join();
  if (expected) expect(words.replaceAll('\\"', '"')).toMatch(expected);
  else expect(words).toBe('');
});

it('another wait replaces no instance, and the plan shows it', () => {
  const jobOf = (Disconnect?: DisconnectStrategy) =>
    canonicalizeJob({ ID: 'web', TaskGroups: [{ Name: 'app', Tasks: [], Disconnect }] }).job;
  const [before, after] = [jobOf(), jobOf(strategy({ LostAfter: MINUTE }))];
  expect(updateKind(before, after, 'app')).toBe('in-place');
  expect(JSON.stringify(diffJobs(before, after))).toContain('"Name":"LostAfter"');
});
