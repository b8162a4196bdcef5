/** Places beyond the count go at once, as far as the other groups of their service have taken over. */
import { StopReasons } from './decision.ts';
import type { Entry, Slot } from './slots.ts';
import type { Step } from './step.ts';

export function shrink(step: Step, surplus: readonly Slot[]): void {
  const { waiting, desired } = step.draft;
  for (const slot of surplus) {
    const entries = [slot.head, ...slot.others];
    const held = mustWait(step, slot) ? entries.filter((entry) => entry.serving) : [];
    for (const { alloc } of held) waiting.push({ alloc, description: StopReasons.notNeeded });
    for (const entry of entries) if (!held.includes(entry)) drop(step, entry);
  }
  if (waiting.length === 0) return;
  desired.Ignore += waiting.length;
  step.hold({ reason: 'start-first', count: waiting.length });
  const { kind, isNew } = step.situation.course;
  // A deployment that has nothing to place is never made: nobody would watch.
  if (kind === 'none' || kind === 'settled' || isNew) step.keepLooking();
}

/**
 * It serves, and too few would be left: the floor is what the world before and the one after have in common. A place
 * in which a successor stands beside its predecessor may serve twice, and both go.
 */
function mustWait(step: Step, { head, others }: Slot): boolean {
  const { family, jobVersion } = step.situation;
  const serving = [head, ...others].filter((entry) => entry.serving).length;
  if (serving === 0) return false;
  const floor = family.scaleFloor(jobVersion(head.alloc.JobVersion));
  if (floor > 0 && step.isFrozen) return true;
  // The other groups of the service may be replaced in this very step: its last one stays until they serve.
  return !family.budget.take(Math.max(floor, family.updateFloor), serving);
}

function drop(step: Step, entry: Entry): void {
  const { draft } = step;
  const { alloc, class: kind } = entry;
  step.forget(entry);
  if (kind !== 'lost') draft.stop(alloc, StopReasons.notNeeded);
  draft.desired.Stop++;
}
