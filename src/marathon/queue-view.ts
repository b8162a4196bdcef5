/** What an app still lacks, and why: instances that have no room, and ones that wait for their delay. */
import type { AllocMetric } from '../model/allocation.ts';

export interface QueueDelay {
  readonly timeLeftSeconds: number;
  readonly overdue: boolean;
}

/** Nodes are what offers were to Mesos. */
export interface OffersSummary {
  readonly processedOffersCount: number;
  readonly unusedOffersCount: number;
  readonly lastUnusedOfferAt: string | null;
  readonly lastUsedOfferAt: string | null;
  readonly rejectSummaryLastOffers: readonly RejectReason[];
  readonly rejectSummaryLaunchAttempt: readonly RejectReason[];
}

export interface RejectReason {
  readonly reason: string;
  readonly declined: number;
  readonly processed: number;
}

/** `untilMs`: when the next one may start; undefined: at once, where there is room. */
export function queueDelay(untilMs: number | undefined, nowMs: number): QueueDelay {
  const left = Math.max(0, Math.ceil(((untilMs ?? nowMs) - nowMs) / 1000));
  return { timeLeftSeconds: left, overdue: left === 0 };
}

/** `metric`: of the placement that failed last, if one did. */
export function offersSummary(metric: AllocMetric | undefined, failedAt: string | null): OffersSummary {
  const reasons = metric ? reasonsOf(metric) : [];
  const processed = metric?.NodesEvaluated ?? 0;
  return {
    processedOffersCount: processed,
    unusedOffersCount: processed,
    lastUnusedOfferAt: failedAt,
    lastUsedOfferAt: null,
    rejectSummaryLastOffers: reasons,
    rejectSummaryLaunchAttempt: reasons,
  };
}

/** Mesos' words for what a node lacked. */
const DIMENSIONS: readonly { readonly matches: RegExp; readonly reason: string }[] = [
  { matches: /cpu/i, reason: 'InsufficientCpus' },
  { matches: /memory/i, reason: 'InsufficientMemory' },
  { matches: /disk/i, reason: 'InsufficientDisk' },
  { matches: /port|network/i, reason: 'InsufficientPorts' },
];

function reasonsOf({ NodesEvaluated, ConstraintFiltered, DimensionExhausted }: AllocMetric): RejectReason[] {
  const byReason = new Map<string, number>();
  const add = (reason: string, count: number) => byReason.set(reason, (byReason.get(reason) ?? 0) + count);
  for (const count of Object.values(ConstraintFiltered ?? {})) add('UnfulfilledConstraint', count);
  for (const [dimension, count] of Object.entries(DimensionExhausted ?? {})) {
    add(DIMENSIONS.find(({ matches }) => matches.test(dimension))?.reason ?? 'UnfulfilledRole', count);
  }
  return [...byReason].map(([reason, declined]) => ({ reason, declined, processed: NodesEvaluated }));
}
