/**
 * How full a node is once the instance is there, as one number from 0 to 1. The curve of Google's "best fit" paper: an
 * exponential in the free shares, so that the last room of a full node is worth more than the first of an empty one.
 */
export type PackingAlgorithm = 'binpack' | 'spread';

/** Each free share is between 0 (full) and 1 (empty). Full: 1 with "binpack", 0 with "spread"; empty the other way. */
export function fitScore(freeCpu: number, freeMemory: number, algorithm: PackingAlgorithm): number {
  const emptiness = 10 ** freeCpu + 10 ** freeMemory;
  const score = algorithm === 'binpack' ? 20 - emptiness : emptiness - 2;
  return Math.min(1, Math.max(0, score / 18));
}
