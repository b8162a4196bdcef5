/** Places that nobody holds are filled at once, limited by nothing but the deployment's course. */
import { freeNames } from './names.ts';
import type { Slot } from './slots.ts';
import type { Step } from './step.ts';

/** How many were asked for. */
export function fillUp(step: Step, slots: readonly Slot[]): number {
  const { job, group } = step.situation;
  const missing = group ? group.Count - slots.length : 0;
  if (!group || missing <= 0 || step.isFrozen || step.awaitsPromotion) return 0;
  const taken = new Set(slots.map((slot) => slot.name));
  for (const name of freeNames(job.ID, group.Name, taken, missing)) step.request({ name });
  step.draft.desired.Place += missing;
  return missing;
}
