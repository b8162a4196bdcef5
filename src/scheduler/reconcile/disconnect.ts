/**
 * Instances whose node is lost and whose group waits for them (`disconnect`): they keep their rows, serve for nobody's
 * count, and may come back. Another takes their name once it may; when they are back, one of the two goes.
 */
import type { Allocation } from '../../model/allocation.ts';
import { deepEqual } from '../../model/deep-equal.ts';
import { type DisconnectStrategy, Reconciles } from '../../model/disconnect.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import { MILLISECOND } from '../../model/nanos.ts';
import type { PlannedStop } from '../types.ts';
import type { GroupDecision } from './decision.ts';
import { followup } from './followups.ts';
import { startedMs } from './serving.ts';
import type { Entry } from './slots.ts';
import type { Step } from './step.ts';
import { timesOf } from './wait.ts';

export const isAway = ({ class: kind }: Pick<Entry, 'class'>): boolean => kind === 'unknown' || kind === 'inactive';

/**
 * Of two that run under one name, the one that stays comes first: the original, the one that took its place, or whoever
 * has run for longer. Among all others nothing is said.
 */
export function preferred(strategy: DisconnectStrategy | undefined, a: Entry, b: Entry): number {
  if (!strategy || a.class !== 'live' || b.class !== 'live') return 0;
  if (strategy.Reconcile === Reconciles.keepOriginal) return a.alloc.CreateIndex - b.alloc.CreateIndex;
  if (strategy.Reconcile === Reconciles.longestRunning) return startedMs(a.alloc) - startedMs(b.alloc);
  return 0;
}

/** Writes down who is waited for, with a timer for each moment at which that changes, and who is back. */
export function noteDisconnected(step: Step): void {
  const { entries, group, node } = step.situation;
  const timers = new Map<number, Evaluation>();
  for (const entry of entries) {
    const { alloc } = entry;
    const its = isAway(entry) ? node(alloc.NodeID) : undefined;
    const times = its && group?.Disconnect ? timesOf(group.Disconnect, its) : undefined;
    if (times && !deepEqual(times, alloc.Disconnected)) note(step, { ...alloc, Disconnected: times }, timers);
    if (!times && alloc.Disconnected) welcome(step, entry);
  }
  step.draft.followups.push(...timers.values());
}

function note(step: Step, row: Allocation, timers: Map<number, Evaluation>): void {
  const { evaluation, job, newId, nowMs } = step.situation;
  step.draft.disconnected.push(row);
  for (const atMs of [row.Disconnected?.ReplaceAtMs ?? 0, row.Disconnected?.LostAtMs ?? 0]) {
    if (atMs <= nowMs || timers.has(atMs)) continue;
    timers.set(atMs, followup({ evaluation, job, newId, nowMs, trigger: 'max-disconnect-timeout', atMs }));
  }
}

/** It is believed at the next look, since its node has to say first how it is. */
function welcome(step: Step, { alloc }: Entry): void {
  const { Disconnected: _, ...row } = alloc;
  step.draft.disconnected.push(row);
  const isOneOfTwo = step.kept.some(
    ({ head, others }) => others.length > 0 && [head, ...others].some((entry) => entry.alloc.ID === alloc.ID),
  );
  const { minHealthyTime, situation, draft } = step;
  const isLookedAt = draft.followups.some(({ TriggeredBy }) => TriggeredBy === 'rolling-update');
  if (!isOneOfTwo || isLookedAt) return;
  draft.followups.push(step.nextLook(situation.nowMs + Math.max(1000, minHealthyTime / MILLISECOND)));
}

/** Nobody says later that the place of one is free that is forgotten in this very step: a timer looks again. */
export function lookWhereForgotten(step: Step): void {
  if (!step.wasRefused) return;
  const { entries, nowMs } = step.situation;
  const away = new Set(entries.filter(isAway).map(({ alloc }) => alloc.ID));
  const isForgotten = step.draft.stops.some(({ alloc }) => away.has(alloc.ID));
  if (isForgotten) step.draft.followups.push(step.nextLook(nowMs + 1000));
}

/** Whoever is to stop on a lost node cannot say that it has: it is written down as lost at once. */
export function forgetStopped(decision: GroupDecision, entries: readonly Entry[]): GroupDecision {
  const away = new Set(entries.filter(isAway).map(({ alloc }) => alloc.ID));
  if (away.size === 0) return decision;
  const forget = (stop: PlannedStop): PlannedStop =>
    away.has(stop.alloc.ID) ? { ...stop, clientStatus: 'lost' } : stop;
  return {
    ...decision,
    stops: decision.stops.map(forget),
    requests: decision.requests.map((request) => (request.stop ? { ...request, stop: forget(request.stop) } : request)),
  };
}
