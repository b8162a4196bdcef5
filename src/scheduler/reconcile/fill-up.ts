/** Places that nobody holds are filled at once, limited by nothing but the deployment's course. */
import type { Job } from '../../model/job.ts';
import { freeNames } from './names.ts';
import type { Slot } from './slots.ts';
import type { Step } from './step.ts';

/** The names that were asked for. */
export function fillUp(step: Step, slots: readonly Slot[]): readonly string[] {
  const { job, group } = step.situation;
  if (!group || step.isFrozen) return [];
  const version = step.awaitsPromotion ? baseVersion(step, slots) : job;
  const missing = (step.awaitsPromotion ? baseCount(step) : group.Count) - slots.length;
  if (!version || missing <= 0) return [];
  const taken = new Set(slots.map((slot) => slot.name));
  const names = freeNames(job.ID, group.Name, taken, missing);
  const asked = names.filter((name) => step.request({ name, job: version }));
  step.draft.desired.Place += asked.length;
  return asked;
}

/** While canaries wait, the old version is kept at its number: who scales then scales both sets. */
function baseCount({ situation: { group, course } }: Step): number {
  return (group && course.deployment?.TaskGroups[group.Name]?.BaseCount) ?? 0;
}

/** The newest version that is known of those that hold places. */
export function baseVersion(step: Step, slots: readonly Slot[]): Job | undefined {
  const versions = slots.filter(({ head }) => !step.isCurrent(head)).map(({ head }) => head.alloc.JobVersion);
  for (const version of [...new Set(versions)].sort((a, b) => b - a)) {
    const job = step.situation.jobVersion(version);
    if (job) return job;
  }
  return undefined;
}
