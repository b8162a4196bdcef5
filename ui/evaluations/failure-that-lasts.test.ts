import { expect, it } from 'vitest';
import type { EvalView } from '../../src/api/views.ts';
import { EMPTY_METRIC } from '../../src/model/allocation.ts';
import { failureThatLasts } from './failure-that-lasts.ts';

const evaluation = (CreateIndex: number, changes: Partial<EvalView>) =>
  ({ CreateIndex, Status: 'complete', ...changes }) as EvalView;
const FailedTGAllocs = { app: EMPTY_METRIC };

it('the newest failure counts while one evaluation still waits for room', () => {
  const failed = [evaluation(3, { FailedTGAllocs }), evaluation(7, { FailedTGAllocs }), evaluation(9, {})];
  expect(failureThatLasts([...failed, evaluation(8, { Status: 'blocked' })])?.CreateIndex).toBe(7);
});

it('a failure of long ago is none', () => {
  expect(failureThatLasts([evaluation(3, { FailedTGAllocs })])).toBeUndefined();
  expect(failureThatLasts([])).toBeUndefined();
});
