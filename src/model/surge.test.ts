import { describe, expect, it } from 'vitest';
import { parseAmount, surgeOf } from './surge.ts';

describe('the surge above count', () => {
  it.each([
    { max_surge: undefined, count: 6, above: 0 },
    { max_surge: 0, count: 6, above: 0 },
    { max_surge: 3, count: 6, above: 3 },
    { max_surge: 2, count: 1, above: 2 },
    { max_surge: '25%', count: 6, above: 2 },
    { max_surge: '25%', count: 1, above: 1 },
    { max_surge: '25%', count: 8, above: 2 },
    { max_surge: '100%', count: 5, above: 5 },
    { max_surge: '0%', count: 5, above: 0 },
    { max_surge: '25%', count: 0, above: 0 },
  ])('is $above with max_surge $max_surge of $count', ({ max_surge, count, above }) => {
    expect(surgeOf(max_surge === undefined ? {} : { MaxSurge: max_surge }, count)).toBe(above);
  });

  it('is none where a group has no update block', () => {
    expect(surgeOf(null, 6)).toBe(0);
  });
});

it.each([
  [2, 2],
  ['2', 2],
  ['25%', '25%'],
  [-1, -1],
  [1.5, undefined],
  ['1.5%', undefined],
  ['-25%', undefined],
  ['lots', undefined],
  ['', undefined],
  [true, undefined],
])('as an amount %j is %j', (written, read) => {
  expect(parseAmount(written)).toBe(read);
});
