import { expect, test } from 'vitest';
import { disruptionRoom } from './disruption.ts';

test.each([
  [6, 2, 6, 2],
  [6, 2, 5, 1],
  [6, 2, 3, 0],
  [6, 2, 8, 4],
  [1, 1, 1, 1],
  [0, 1, 2, 2],
  [2, 5, 2, 2],
])('of %i instances with max_parallel %i and %i serving, %i may go', (count, maxParallel, serving, room) => {
  expect(disruptionRoom({ count, maxParallel, serving })).toBe(room);
});
