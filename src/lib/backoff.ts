/** Exponential backoff with full jitter; the level of a log line may rise with `attempt`. */
import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The delay before retry number `attempt` (from 0): half to all of first × 2^attempt, at most maxMs. */
export function backoffMs(attempt: number, options: BackoffOptions, random: Random): number {
  const ceiling = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt, 30));
  return ceiling / 2 + (random.next() * ceiling) / 2;
}
