/**
 * Canaries come before a destructive update of what is there: they run beside the instances of the lowest names, which
 * go on until somebody promotes the version. A first version, or an update in place, needs none; nor does going back to a
 * version that ran before: whoever reverts wants it everywhere, and nobody is there to promote what `auto_revert` did.
 *
 * Until they are promoted they are a set of their own beside the group's places: what happens to one says nothing about
 * the place whose name it has. Promoted, they are instances like any other.
 */
import { allocIndex } from '../../model/allocation.ts';
import type { TaskGroup } from '../../model/job.ts';
import { isDeployed } from './course.ts';
import { type CanaryStart, StopReasons } from './decision.ts';
import { freeNames } from './names.ts';
import { replaceFailed, replaceGone } from './repair.ts';
import { type Entry, isCanary, type Slot } from './slots.ts';
import { type GroupSituation, isReplacedPlace, type Step } from './step.ts';

export interface CanarySets {
  /** The canaries of the version that is deployed. */
  readonly current: readonly Entry[];
  /** Those of a version that nobody promoted before a newer one came. */
  readonly superseded: readonly Entry[];
}

/**
 *   count 5, canary 1                      → 1, a share by count
 *   count 5, canary 1, canary_weight 10    → 1, 10%
 *   count 5, canary 5                      → 5, blue/green, 0%
 *   count 5, canary 7                      → 5, blue/green, 0%
 *   count 5, canary 5, canary_weight 10    → 5, blue/green, 10%
 */
export function canaryStart({ Count, Update }: TaskGroup, BaseCount: number): CanaryStart {
  const { Canary = 0, CanaryWeight, KeepWarm = 0 } = Update ?? {};
  const isBlueGreen = Canary >= Count;
  const weight = CanaryWeight ?? (isBlueGreen ? 0 : undefined);
  return {
    DesiredCanaries: Math.min(Canary, Count),
    BaseCount,
    ...(isBlueGreen && { IsBlueGreen: true }),
    ...(weight !== undefined && { CanaryWeight: weight }),
    ...(isBlueGreen && KeepWarm > 0 && { KeepWarm }),
  };
}

/** Whether the group has, or is to begin with, canaries that nobody has promoted yet. */
export function beginsWithCanaries(situation: GroupSituation, slots: readonly Slot[]): boolean {
  const { job, group, course } = situation;
  if (!group || !isDeployed(job, group) || course.kind === 'settled') return false;
  if (!course.isNew) {
    const state = course.deployment?.TaskGroups[group.Name];
    return state !== undefined && state.DesiredCanaries > 0 && !state.Promoted;
  }
  if (job.RevertOf !== undefined || (group.Update?.Canary ?? 0) === 0 || group.Count === 0) return false;
  return slots.some((slot) => isReplacedPlace(situation, slot) && slot.head.class !== 'complete');
}

/** Parts the canaries that are not promoted from the instances that hold the group's places. */
export function partCanaries(
  entries: readonly Entry[],
  isCurrent: (entry: Entry) => boolean,
): CanarySets & { readonly places: readonly Entry[] } {
  const current: Entry[] = [];
  const superseded: Entry[] = [];
  const places: Entry[] = [];
  for (const entry of entries) {
    if (!isCanary(entry) || isLeaving(entry)) places.push(entry);
    else (isCurrent(entry) ? current : superseded).push(entry);
  }
  return { current, superseded, places };
}

const isLeaving = ({ class: kind }: Entry): boolean =>
  kind === 'ended' || kind === 'leaving' || kind === 'gone-leaving';

/**
 * Keeps the number of canaries while they are wanted: those that are lost, that failed or must leave are replaced, those
 * that are too many go. A failed deployment takes its canaries back, as do a newer version and a revert.
 */
export function keepCanaries(step: Step, { current, superseded }: CanarySets, filled: readonly string[]): void {
  const { group, course } = step.situation;
  for (const canary of superseded) drop(step, canary);
  if (!group || !step.awaitsPromotion || course.kind === 'failed') {
    for (const canary of current) drop(step, canary);
    return;
  }
  const start = canaryStart(group, baseCount(step));
  if (course.isNew) step.draft.canaryStart = start;
  const state = course.isNew ? start : course.deployment?.TaskGroups[group.Name];
  const wanted = Math.min(state?.DesiredCanaries ?? 0, group.Count);
  const kept = keep(step, current, wanted);
  if (course.kind !== 'paused') begin(step, kept, wanted - kept.length, filled);
}

/** The old version at the number that it has, or had before some of it were lost. */
function baseCount({ kept, situation: { group, jobVersion } }: Step): number {
  const before = jobVersion(Math.max(-1, ...kept.map(({ head }) => head.alloc.JobVersion)));
  const counted = before?.TaskGroups.find((each) => each.Name === group?.Name)?.Count ?? 0;
  return Math.max(kept.length, Math.min(counted, group?.Count ?? 0));
}

function keep(step: Step, current: readonly Entry[], wanted: number): readonly Entry[] {
  const byIndex = current.toSorted((a, b) => allocIndex(a.alloc.Name) - allocIndex(b.alloc.Name) || newest(a, b));
  const kept = onePerName(byIndex).slice(0, wanted);
  for (const canary of byIndex) {
    if (kept.includes(canary)) repair(step, canary);
    else drop(step, canary);
  }
  return kept;
}

/** Beside the places that the version is to replace, lowest names first; then where nobody is yet. */
function begin(step: Step, kept: readonly Entry[], missing: number, filled: readonly string[]): void {
  const { job, group } = step.situation;
  if (!group || missing <= 0) return;
  const taken = new Set(kept.map(({ alloc }) => alloc.Name));
  const held = [...step.kept.map((slot) => slot.name), ...filled];
  const beside = step.kept.filter((slot) => step.isReplaced(slot)).map((slot) => slot.name);
  const unheld = freeNames(job.ID, group.Name, new Set([...held, ...taken]), missing);
  for (const name of [...beside, ...filled, ...unheld].filter((each) => !taken.has(each)).slice(0, missing)) {
    step.draft.desired.Canary++;
    step.request({ name, isCanary: true });
  }
}

/** The last one that serves stays until something else does. */
function drop(step: Step, entry: Entry): void {
  const { alloc, class: kind, serving } = entry;
  if (kind === 'lost') return;
  if (serving && step.hasNobodyServing) {
    step.hold({ reason: 'start-first', count: 1 });
    step.lookAgain();
    return;
  }
  step.forget(entry);
  step.draft.desired.Stop++;
  step.draft.stop(alloc, StopReasons.notNeeded);
}

const newest = (a: Entry, b: Entry): number => b.alloc.CreateIndex - a.alloc.CreateIndex;

function onePerName(canaries: readonly Entry[]): Entry[] {
  const names = new Set<string>();
  return canaries.filter(({ alloc }) => !names.has(alloc.Name) && names.add(alloc.Name));
}

function repair(step: Step, canary: Entry): void {
  const { job } = step.situation;
  const { alloc, class: kind } = canary;
  if (kind === 'lost') replaceGone(step, alloc, job, true);
  else if (kind === 'retry') replaceFailed(step, alloc, job, true);
  else if (kind === 'migrating') migrate(step, canary);
  else if (kind === 'live' && alloc.JobVersion !== job.Version) step.carryOn(alloc);
  else step.draft.desired.Ignore++;
}

/** A canary that must leave its node goes at once, unless nobody else serves: then its successor comes first. */
function migrate(step: Step, { alloc, serving }: Entry): void {
  const { job } = step.situation;
  const stop = { alloc, description: StopReasons.migrating };
  const successor = { name: alloc.Name, job, previous: alloc, tracker: alloc.RescheduleTracker, isCanary: true };
  step.draft.desired.Migrate++;
  if (serving && step.hasNobodyServing) {
    step.requestBeside({ ...successor, stop });
    return;
  }
  step.draft.stops.push(stop);
  step.request(successor);
}
