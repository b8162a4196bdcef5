/** Which instances count as serving, and how many of them a step may take away: pure arithmetic. */
import type { Allocation } from '../../model/allocation.ts';
import { epochMsOf, MILLISECOND } from '../../model/nanos.ts';

/**
 * Whether it serves on the whole: wanted, running, and nobody says that it is unhealthy. A check that fails just now does
 * not undo what was judged. Where nobody has judged it (an in-place update starts a new
 * judgement; outside a deployment there is none), its services speak for it, else the time it has been running.
 *
 *   running, Healthy true                                    → fit
 *   running, Healthy false                                   → not
 *   running, unjudged, a service critical or draining        → not
 *   running, unjudged, all its services passing              → fit (an ingress sends it requests already)
 *   running, unjudged, created 30 s ago, min_healthy 10 s    → fit
 *   running, unjudged, created 5 s ago, min_healthy 10 s     → not yet
 *   pending                                                  → not
 */
export function isFit(alloc: Allocation, minHealthyTime: number, nowMs: number): boolean {
  if (alloc.DesiredStatus !== 'run' || alloc.ClientStatus !== 'running') return false;
  const healthy = alloc.DeploymentStatus?.Healthy ?? null;
  if (healthy !== null) return healthy;
  const services = alloc.Services ?? [];
  if (services.length > 0) return services.every((service) => service.Status === 'passing');
  return isOldEnough(alloc, minHealthyTime, nowMs);
}

/** Whether it takes requests now: fit, and none of its services says otherwise. */
export const isServing = (alloc: Allocation, fit: boolean): boolean =>
  fit && (alloc.Services ?? []).every((service) => service.Status === 'passing');

/** What proves an instance, and when. */
export interface Proof {
  readonly minHealthyTime: number;
  readonly nowMs: number;
  /** The deployment whose nodes and people still judge its instances; undefined: none does. */
  readonly deploymentId: string | undefined;
}

/**
 * Fit to take over from a predecessor: judged healthy, or serving for min_healthy_time where no deployment judges it.
 * An ingress that has it must find it healthy, too.
 */
export function isProven(alloc: Allocation, { minHealthyTime, nowMs, deploymentId }: Proof): boolean {
  if (alloc.ClientStatus !== 'running') return false;
  if (alloc.DeploymentStatus?.Healthy === true) return true;
  const isJudged = alloc.DeploymentID !== '' && alloc.DeploymentID === deploymentId;
  const isReady = alloc.Traffic?.Ready !== false;
  return !isJudged && isReady && isFit(alloc, minHealthyTime, nowMs) && isOldEnough(alloc, minHealthyTime, nowMs);
}

const isOldEnough = (alloc: Allocation, minHealthyTime: number, nowMs: number): boolean =>
  nowMs - startedMs(alloc) >= minHealthyTime / MILLISECOND;

/** When the last of its tasks started and the last of its checks passed; when nobody says so, when the row was made. */
export function startedMs(alloc: Allocation): number {
  const starts = Object.values(alloc.TaskStates ?? {}).map((state) => Date.parse(state.StartedAt ?? ''));
  const checks = (alloc.Services ?? []).flatMap((service) =>
    service.Checks.map(({ PassingSinceMs = 0 }) => PassingSinceMs),
  );
  const last = Math.max(...[...starts, ...checks].filter((ms) => ms > 0));
  return Number.isFinite(last) ? last : epochMsOf(alloc.CreateTime);
}

/**
 * How many new instances a rolling update may start now: what max_parallel leaves beside those that have not yet been
 * found healthy and those that this step places anyway. A step that places more than that starts no update at all.
 *
 *   max_parallel 2, none unproven, none placed → 2
 *   max_parallel 2, 1 unproven                 → 1
 *   max_parallel 2, none unproven, 2 placed    → 0   (more instances and a new version: first the more)
 *   max_parallel 1, 3 unproven                 → 0
 *   max_parallel 0                             → no limit
 */
export function updateRoom(maxParallel: number, unproven: number, placed: number): number {
  if (maxParallel === 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, maxParallel - unproven - placed);
}

/**
 * The fewest that must go on serving while counts move between groups of one service: what the smaller of the two
 * worlds had. 0 where no other group takes over.
 *
 *   10 + 0 → 0 + 10: 10   ·   10 + 0 → 9 + 1: 10   ·   10 + 0 → 0 + 5: 5   ·   5 + 0 → 0 + 10: 5   ·   4 + 0 → 0 + 0: 0
 */
export function scaleFloor(before: readonly number[], after: readonly number[]): number {
  const grows = after.some((count, at) => count > (before[at] ?? 0));
  return grows ? Math.min(sum(before), sum(after)) : 0;
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Counts down what serves as a step takes instances away; never below the floor that the caller names. */
export class ServingBudget {
  #serving: number;

  constructor(serving: number) {
    this.#serving = serving;
  }

  /** Whether at least `floor` would go on without one more. */
  has(floor: number): boolean {
    return this.#serving - 1 >= floor;
  }

  /** Takes serving instances away, all or none: if at least `floor` go on. */
  take(floor: number, count = 1): boolean {
    if (this.#serving - count < floor) return false;
    this.#serving -= count;
    return true;
  }
}
