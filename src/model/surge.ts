/** How far a rolling update may go above `count`, so that new instances start before old ones stop. */
import type { UpdateStrategy } from './policies.ts';

const PERCENTAGE = /^\d{1,4}%$/;

/**
 * How many instances above `count` may run during an update; a part of an instance counts as a whole one.
 *
 * | max_surge | count | instances above it |
 * | --------- | ----- | ------------------ |
 * | absent    | 6     | 0                  |
 * | 0         | 6     | 0                  |
 * | 3         | 6     | 3                  |
 * | 2         | 1     | 2                  |
 * | "25%"     | 6     | 2                  |
 * | "25%"     | 1     | 1                  |
 * | "25%"     | 8     | 2                  |
 * | "100%"    | 5     | 5                  |
 * | "0%"      | 5     | 0                  |
 * | "25%"     | 0     | 0                  |
 */
export function surgeOf(update: Pick<UpdateStrategy, 'MaxSurge'> | null, count: number): number {
  const surge = update?.MaxSurge ?? 0;
  return typeof surge === 'number' ? surge : Math.ceil((Number.parseInt(surge, 10) * count) / 100);
}

/** A whole number (digits as text as well), or a percentage as it was written; undefined for anything else. */
export function parseAmount(value: unknown): number | string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  return PERCENTAGE.test(value) ? value : undefined;
}
