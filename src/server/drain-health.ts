/**
 * How an instance stands, as a drain sees it: does it serve, since when has it not, and from when on will it. Pure; what
 * rows do not say (when a check last failed) is remembered from look to look by whoever looks.
 */
import type { Allocation } from '../model/allocation.ts';
import { isClientTerminal } from '../model/allocation.ts';
import { epochMsOf, MILLISECOND } from '../model/nanos.ts';
import type { MigrateStrategy } from '../model/policies.ts';

/** What earlier looks saw of an instance that did not serve. */
export interface Seen {
  /** Since when it is known not to serve: its healthy_deadline counts from here. */
  readonly unhealthySinceMs: number;
  /** When it was last seen not even ready: its min_healthy_time counts from here, or from its start. */
  readonly unreadyMs: number;
}

export type SeenById = ReadonlyMap<string, Seen>;

/** It is told to stop, or to leave: what it does is no longer counted on. */
export const isLeaving = (alloc: Pick<Allocation, 'DesiredStatus' | 'DesiredTransition'>): boolean =>
  alloc.DesiredStatus !== 'run' || alloc.DesiredTransition?.Migrate === true;

/** Ready now: it runs, nobody says that it is unhealthy, and its services pass, with the ingress too where it has one. */
export function isReady(alloc: Allocation): boolean {
  if (alloc.ClientStatus !== 'running' || alloc.DeploymentStatus?.Healthy === false) return false;
  if (alloc.Disconnected) return false;
  if ((alloc.Services ?? []).some((service) => service.Status !== 'passing')) return false;
  return isJudged(alloc) || alloc.Traffic?.Ready !== false;
}

/**
 * From when on it counts as serving; Infinity while something else must change first.
 *
 *   judged healthy by its deployment, services passing         → at once
 *   judged unhealthy, or not running, or a service critical    → not yet
 *   unjudged, ready                                            → min_healthy_time after its start, after it was last
 *                                                                seen unready, and after its ingress found it healthy
 */
export function servesFromMs(alloc: Allocation, migrate: MigrateStrategy, seen: SeenById): number {
  if (!isReady(alloc)) return Number.POSITIVE_INFINITY;
  if (isJudged(alloc)) return 0;
  const readyMs = Math.max(startedMs(alloc), seen.get(alloc.ID)?.unreadyMs ?? 0, alloc.Traffic?.ChangedMs ?? 0);
  return readyMs + migrate.MinHealthyTime / MILLISECOND;
}

/** Until when an instance that does not serve holds others back. */
export function overdueFromMs(alloc: Allocation, migrate: MigrateStrategy, seen: SeenById, nowMs: number): number {
  return (seen.get(alloc.ID)?.unhealthySinceMs ?? nowMs) + migrate.HealthyDeadline / MILLISECOND;
}

/** It neither serves nor will without help: moving it takes nothing away. */
export const servesNothing = (alloc: Allocation): boolean =>
  alloc.ClientStatus === 'pending' || alloc.DeploymentStatus?.Healthy === false;

/** What the next look has to know of this one. */
export function remember(
  seen: SeenById,
  allocs: Iterable<{ readonly alloc: Allocation; readonly migrate: MigrateStrategy }>,
  nowMs: number,
): SeenById {
  const next = new Map<string, Seen>();
  for (const { alloc, migrate } of allocs) {
    if (isLeaving(alloc) || servesFromMs(alloc, migrate, seen) <= nowMs) continue;
    const before = seen.get(alloc.ID);
    next.set(alloc.ID, {
      unhealthySinceMs: before?.unhealthySinceMs ?? nowMs,
      unreadyMs: isReady(alloc) ? (before?.unreadyMs ?? 0) : nowMs,
    });
  }
  return next;
}

const isJudged = (alloc: Allocation): boolean => alloc.DeploymentStatus?.Healthy === true;

/** When the last of its tasks started; when no task says so, when the row was made. */
function startedMs(alloc: Allocation): number {
  if (isClientTerminal(alloc)) return Number.POSITIVE_INFINITY;
  const starts = Object.values(alloc.TaskStates ?? {}).map((state) => Date.parse(state.StartedAt ?? ''));
  const last = Math.max(...starts.filter((ms) => ms > 0));
  return Number.isFinite(last) ? last : epochMsOf(alloc.CreateTime);
}
