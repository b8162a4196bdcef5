/**
 * Reconciles one group: what is there against what is wanted, as a story over its places. The deployment's course says
 * what may be moved, max_parallel and health how much of it now, the family what must go on serving meanwhile.
 */
import { beginsWithCanaries, canaryCount } from './canaries.ts';
import { Draft, type GroupDecision } from './decision.ts';
import { fillUp } from './fill-up.ts';
import { handOver } from './hand-over.ts';
import { delayRetries, repair } from './repair.ts';
import { shrink } from './shrink.ts';
import { buildSlots, chooseSurplus } from './slots.ts';
import { type GroupSituation, Step } from './step.ts';
import { isUnproven, roomForUpdates, update } from './update.ts';

export function* reconcileGroup(situation: GroupSituation, name: string): Generator<void, GroupDecision> {
  const draft = new Draft(name);
  for (const entry of situation.entries) {
    if (entry.class === 'lost' || entry.class === 'gone-leaving') draft.lose(entry.alloc);
  }
  yield;
  const slots = buildSlots(situation.entries, situation.job.Version);
  const { kept, surplus } = chooseSurplus(slots, situation.group?.Count ?? 0);
  const step = new Step(situation, draft, kept);
  step.awaitsPromotion = beginsWithCanaries(step);
  const placed = fillUp(step, slots);
  draft.canaries = step.awaitsPromotion ? canaryCount(step) : 0;
  draft.unproven = kept.filter((slot) => isUnproven(step, slot)).length;
  step.room = roomForUpdates(step, placed);
  shrink(step, surplus);
  handOver(step);
  repair(step);
  yield;
  yield* update(step);
  delayRetries(step);
  draft.desired.Ignore += kept.filter((slot) => !step.touched.has(slot)).length;
  return draft.done();
}
