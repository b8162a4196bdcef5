import { expect, it } from 'vitest';
import type { PlanView } from '../../src/api/views.ts';
import { planSentences, warningsOf } from './plan-words.ts';

const NOTHING = {
  Ignore: 0,
  Place: 0,
  Migrate: 0,
  Stop: 0,
  InPlaceUpdate: 0,
  DestructiveUpdate: 0,
  Canary: 0,
  Preemptions: 0,
};

it('a plan says what happens to each group now, and then its whole course', () => {
  const plan: PlanView = {
    Annotations: {
      DesiredTGUpdates: { app: { ...NOTHING, Ignore: 2, DestructiveUpdate: 2 }, idle: NOTHING },
      PreemptedAllocs: null,
    },
    FailedTGAllocs: null,
    JobModifyIndex: 4,
    Diff: null,
    Course: ['Rolling update: 4 instances in 2 batches of 2, at least 20s; next evaluation in 10s.'],
  };
  expect(planSentences(plan)).toEqual([
    'Group "app": 2 stay as they are, 2 are replaced now.',
    'Group "idle": nothing changes.',
    'Rolling update: 4 instances in 2 batches of 2, at least 20s; next evaluation in 10s.',
  ]);
});

it('warnings are told one by one', () => {
  expect(warningsOf({ Warnings: '2 warning(s):\n\n* one thing\n* another' })).toEqual(['one thing', 'another']);
  expect(warningsOf({})).toEqual([]);
});
