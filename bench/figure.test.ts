import { describe, expect, it } from 'vitest';
import { atLeast, atMost, budgetText, type Figure, isMet, quantity, verdict } from './figure.ts';
import { median, percentile } from './samples.ts';

const figure = (measured: number, budget?: Figure['budget']): Figure => ({
  name: 'placements',
  unit: '/s',
  measured,
  ...(budget && { budget }),
});

describe('a figure', () => {
  it.each([
    [figure(30_000, atLeast(30_000)), 'met'],
    [figure(29_999, atLeast(30_000)), 'MISSED'],
    [figure(20, atMost(20)), 'met'],
    [figure(20.1, atMost(20)), 'MISSED'],
    [figure(1), ''],
  ])('is held against its budget (%#)', (each, expected) => {
    expect(verdict(each)).toBe(expected);
    expect(isMet(each)).toBe(expected === '' ? undefined : expected === 'met');
  });

  it('stands with its unit, and with as many digits as one compares by', () => {
    expect([quantity(12_345.6, '/s'), quantity(87.25, 'ms'), quantity(0, 'requests')]).toEqual([
      '12,346/s',
      '87.3 ms',
      '0 requests',
    ]);
    expect(budgetText(figure(1, atLeast(8000)))).toBe('≥ 8,000/s');
  });
});

describe('samples', () => {
  it('have a median and percentiles that were measured', () => {
    expect([median([3, 1, 2]), percentile([5], 0.99), percentile([1, 2, 3, 4], 0.75)]).toEqual([2, 5, 3]);
    expect(() => median([])).toThrow('no samples');
  });
});
