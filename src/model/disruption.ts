/**
 * One disruption budget per group: whoever takes serving instances away (an update, a drain, a restart) asks how many
 * more may go now. What somebody else has taken already counts, whatever the reason.
 */

export interface DisruptionFacts {
  /** Instances that the group is to have. */
  readonly count: number;
  /** How many of them may be away at one time. */
  readonly maxParallel: number;
  /** Instances that serve now and are to stay. */
  readonly serving: number;
}

/**
 *   count 6, max_parallel 2, 6 serving            → 2
 *   count 6, max_parallel 2, 5 serving (one lost) → 1
 *   count 6, max_parallel 2, 3 serving            → 0
 *   count 6, max_parallel 2, 8 serving (surge)    → 4
 *   count 1, max_parallel 1, 1 serving            → 1   (behind an ingress its successor comes first)
 */
export function disruptionRoom({ count, maxParallel, serving }: DisruptionFacts): number {
  return Math.max(0, serving - Math.max(0, count - maxParallel));
}
