import { describe, expect, it } from 'vitest';
import { addCounts, countsSince, LATENCY_BOUNDS_MS, latencyAt, latencyBucket, trimmedCounts } from './latency.ts';

const countsOf = (times: readonly number[]): number[] => {
  const counts = Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
  for (const ms of times) counts[latencyBucket(ms)]!++;
  return trimmedCounts(counts);
};

describe('latencies', () => {
  it.each([
    [0, 0],
    [1, 0],
    [1.5, 1],
    [60_000, 27],
    [60_001, 28],
  ])('of %i ms stand at %i', (ms, at) => {
    expect(latencyBucket(ms)).toBe(at);
  });

  it('tell in which time so many of them were answered, to within their bucket', () => {
    const counts = countsOf([...Array<number>(90).fill(4), ...Array<number>(9).fill(80), 900]);
    expect(latencyAt(counts, 0.5)).toBeCloseTo(4.1, 1);
    expect(latencyAt(counts, 0.95)).toBeCloseTo(86.7, 1);
    expect(latencyAt(counts, 1)).toBe(1000);
    expect(latencyAt([], 0.5)).toBeUndefined();
    expect(latencyAt(countsOf([100_000]), 0.5)).toBe(60_000);
  });

  it('add up over ingresses, and what came later is what is left', () => {
    const [a, b] = [countsOf([1, 2, 2]), countsOf([2, 50])];
    expect(addCounts(a, b)).toEqual(countsOf([1, 2, 2, 2, 50]));
    expect(trimmedCounts(countsSince(addCounts(a, b), b))).toEqual(a);
  });
});
