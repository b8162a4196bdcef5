/**
 * Marathon's upgrade arithmetic, and the update strategy that keeps it here: never under the minimum of healthy
 * instances, never over the maximum of all.
 */
import type { UpdateStrategy } from '../model/policies.ts';
import type { UpgradeStrategy } from './app.ts';

export interface UpgradeLimits {
  /** Healthy instances, of either version, that there must be. */
  readonly minHealthy: number;
  /** Instances, of both versions together, that there may be. */
  readonly maxCapacity: number;
}

/**
 * minHealthy = ceil(instances × minimumHealthCapacity), maxCapacity = floor(instances × (1 + maximumOverCapacity)).
 * Where both are the same, one instance above is allowed, or nothing could ever move. In doubles, as Marathon has it:
 * 0.7 of 10 is a little more than 7, and so 8.
 *
 *   10 instances, 1   / 1    → 10, 20   all new ones beside the old
 *   10 instances, 1   / 0    → 10, 11   one by one, the new one first
 *   10 instances, 0   / 0    → 0, 10    kill all, then start
 *   10 instances, 0.5 / 0    → 5, 10
 *   10 instances, 0.5 / 0.2  → 5, 12
 *   3 instances,  0.5 / 0.5  → 2, 4     rounded to the safe side
 *   1 instance,   0.5 / 0    → 1, 2     one above, since 1 = 1
 *   0 instances,  1   / 1    → 0, 0
 */
export function upgradeLimits(instances: number, strategy: UpgradeStrategy): UpgradeLimits {
  const minHealthy = Math.ceil(instances * strategy.minimumHealthCapacity);
  const maxCapacity = Math.floor(instances * (1 + strategy.maximumOverCapacity));
  const isStuck = instances > 0 && minHealthy === maxCapacity;
  return { minHealthy, maxCapacity: isStuck ? maxCapacity + 1 : maxCapacity };
}

/**
 * New instances start first, as many as there may be above the count; what may be missing beyond that is stopped first.
 *
 *   10, 20 of 10  → max_surge 10, max_parallel 10
 *   10, 11 of 10  → max_surge 1, max_parallel 1
 *   0, 10 of 10   → max_surge 0, max_parallel 10
 *   5, 12 of 10   → max_surge 2, max_parallel 7
 */
export function updateOf(
  instances: number,
  strategy: UpgradeStrategy,
): Pick<UpdateStrategy, 'MaxSurge' | 'MaxParallel'> {
  const { minHealthy, maxCapacity } = upgradeLimits(instances, strategy);
  const MaxSurge = Math.max(0, maxCapacity - instances);
  return { MaxSurge, MaxParallel: Math.max(1, instances - minHealthy + MaxSurge) };
}
