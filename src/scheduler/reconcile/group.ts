/**
 * Reconciles one group: what is there against what is wanted, as a story over its places. The deployment's course says
 * what may be moved, max_parallel and health how much of it now, the family what must go on serving meanwhile.
 */
import { beginsWithCanaries, keepCanaries, partCanaries } from './canaries.ts';
import { Draft, type GroupDecision } from './decision.ts';
import { forgetStopped, lookWhereForgotten, noteDisconnected, preferred } from './disconnect.ts';
import { fillUp } from './fill-up.ts';
import { handOver } from './hand-over.ts';
import { delayRetries, repair } from './repair.ts';
import { isResting, stopRested } from './resting.ts';
import { shrink } from './shrink.ts';
import { buildSlots, chooseSurplus, type KillOrder, type Slot, type SlotRules } from './slots.ts';
import { type GroupSituation, isCurrentAlloc, Step } from './step.ts';
import { isUnproven, roomForUpdates, update } from './update.ts';

export function* reconcileGroup(situation: GroupSituation, name: string): Generator<void, GroupDecision> {
  const draft = new Draft(name);
  for (const entry of situation.entries) {
    if (entry.class === 'lost' || entry.class === 'gone-leaving') draft.lose(entry.alloc);
  }
  yield;
  const { places, canaries, resting } = partEntries(situation);
  const slots = buildSlots(places, slotRules(situation));
  const awaitsPromotion = beginsWithCanaries(situation, slots);
  const wanted = wantedPlaces(situation, slots, awaitsPromotion);
  const { kept, surplus } = chooseSurplus(slots, wanted, killOrder(situation));
  const step = new Step(situation, draft, { kept, wanted, awaitsPromotion });
  const filled = fillUp(step, slots);
  draft.unproven = kept.filter((slot) => isUnproven(step, slot)).length;
  step.room = roomForUpdates(step, filled.length);
  shrink(step, surplus);
  handOver(step);
  stopRested(step, resting);
  repair(step);
  keepCanaries(step, canaries, filled);
  yield;
  yield* update(step);
  delayRetries(step, canaries.current);
  noteDisconnected(step);
  lookWhereForgotten(step);
  draft.desired.Ignore += kept.filter((slot) => !step.touched.has(slot)).length;
  return forgetStopped(draft.done(), situation.entries);
}

/** Marathon's apps say it; of other jobs the highest index goes, as their operators know it. */
function killOrder({ job }: GroupSituation): KillOrder {
  if (!job.Marathon) return 'index';
  return job.Marathon.App.killSelection === 'OLDEST_FIRST' ? 'oldest' : 'youngest';
}

/**
 * While canaries wait the old version is kept at its number: a new version with a lower count takes nothing away before
 * somebody has promoted it.
 */
function wantedPlaces({ group, course }: GroupSituation, slots: readonly Slot[], awaitsPromotion: boolean): number {
  const count = group?.Count ?? 0;
  if (!awaitsPromotion || !group) return count;
  return course.isNew ? Math.max(count, slots.length) : (course.deployment?.TaskGroups[group.Name]?.BaseCount ?? count);
}

/** Those that hold the group's places, and the two sets beside them: canaries, and what a promotion has replaced. */
function partEntries(situation: GroupSituation) {
  const resting = situation.entries.filter(({ alloc }) => isResting(alloc, situation.canStay));
  const { places, ...canaries } = partCanaries(
    resting.length === 0 ? situation.entries : situation.entries.filter((entry) => !resting.includes(entry)),
    ({ alloc }) => isCurrentAlloc(situation, alloc),
  );
  return { places, canaries, resting };
}

const slotRules = (situation: GroupSituation): SlotRules => ({
  isCurrent: ({ alloc }) => isCurrentAlloc(situation, alloc),
  stays: ({ alloc }) => situation.canStay(alloc),
  prefers: (a, b) => preferred(situation.group?.Disconnect, a, b),
});
