/**
 * Canaries come before a destructive update of what is there: they run beside the instances of the lowest names, which
 * go on until somebody promotes the version. A first version, or an update in place, needs none; nor does going back to a
 * version that ran before: whoever reverts wants it everywhere, and nobody is there to promote what `auto_revert` did.
 */
import { isDeployed } from './course.ts';
import { isCanary, type Slot } from './slots.ts';
import type { Step } from './step.ts';

export function canaryCount({ situation: { group } }: Step): number {
  return Math.min(group?.Update?.Canary ?? 0, group?.Count ?? 0);
}

export function beginsWithCanaries(step: Step): boolean {
  const { job, group, course } = step.situation;
  if (
    !group ||
    job.RevertOf !== undefined ||
    !isDeployed(job, group) ||
    canaryCount(step) === 0 ||
    course.kind === 'settled'
  )
    return false;
  const state = course.deployment?.TaskGroups[group.Name];
  if (!course.isNew) return state !== undefined && state.DesiredCanaries > 0 && !state.Promoted;
  return step.kept.some((slot) => step.isOutdated(slot) && !step.stays(slot));
}

export function placeCanaries(step: Step, replaced: readonly Slot[]): void {
  const there = step.kept.filter(({ head }) => isCanary(head) && step.isCurrent(head));
  const wanted = Math.max(0, canaryCount(step) - there.length);
  for (const slot of replaced.filter(({ head }) => head.class === 'live').slice(0, wanted)) {
    step.draft.desired.Canary++;
    step.request({ name: slot.name, isCanary: true });
  }
}
