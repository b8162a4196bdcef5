/**
 * One step of one group: what it knows, what it has decided so far, and how it asks for things. The parts of the step
 * (fill up, shrink, hand over, repair, update) are functions over it, each in its own file.
 */
import type { NewId } from '../../lib/ids.ts';
import type { Allocation } from '../../model/allocation.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import { MILLISECOND } from '../../model/nanos.ts';
import type { Node } from '../../model/node.ts';
import type { HeldBack } from '../types.ts';
import { type Course, isDeployed } from './course.ts';
import type { Draft, PlacementRequest } from './decision.ts';
import type { Family } from './families.ts';
import { followup } from './followups.ts';
import type { Retry } from './reschedule.ts';
import type { Proof } from './serving.ts';
import type { Entry, Slot } from './slots.ts';
import { startsLeft } from './starts-left.ts';

export interface GroupSituation {
  readonly job: Job;
  /** undefined: the job does not have the group any more. */
  readonly group: TaskGroup | undefined;
  readonly entries: readonly Entry[];
  readonly course: Course;
  readonly family: Family;
  readonly evaluation: Evaluation;
  readonly nowMs: number;
  readonly newId: NewId;
  readonly jobVersion: (version: number) => Job | undefined;
  readonly node: (nodeId: string) => Node | undefined;
  readonly retryOf: (alloc: Allocation) => Retry;
  /** Whether the new version can run on as the same instance: its kind of change, and whether its node still fits. */
  readonly canStay: (alloc: Allocation) => boolean;
  /** A drain moves it, and its deadline has not come: what a person stops, stops. */
  readonly leavesInTurn: (alloc: Allocation) => boolean;
}

export type RequestFields = Pick<PlacementRequest, 'name'> &
  Partial<Omit<PlacementRequest, 'name' | 'group' | 'deploymentId'>>;

/**
 * Of the current version; or of the deployment that goes on under it, as where the version changed nothing but the
 * count while the deployment was running.
 */
export function isCurrentAlloc({ job, course }: Pick<GroupSituation, 'job' | 'course'>, alloc: Allocation): boolean {
  if (alloc.JobVersion === job.Version) return true;
  return alloc.DeploymentID !== '' && alloc.DeploymentID === course.deployment?.ID;
}

/** The instance that holds the place is of another specification than the wanted one. */
export const isReplacedPlace = (situation: GroupSituation, { head }: Slot): boolean =>
  !isCurrentAlloc(situation, head.alloc) && !situation.canStay(head.alloc);

export class Step {
  readonly situation: GroupSituation;
  readonly draft: Draft;
  /** The places that stay. */
  readonly kept: readonly Slot[];
  /** How many places there are to be. */
  readonly wanted: number;
  /** Places that this step has already decided about. */
  readonly touched = new Set<Slot>();
  /** How many places may still be moved to the new version now. */
  room = 0;
  /** Something was asked for that would have been one instance too many. */
  wasRefused = false;
  /** How many instances may still start. */
  #startsLeft: number;
  /** Canaries run, or are to, and nobody has promoted them: nothing else moves to the new version. */
  readonly awaitsPromotion: boolean;

  constructor(
    situation: GroupSituation,
    draft: Draft,
    places: { readonly kept: readonly Slot[]; readonly wanted: number; readonly awaitsPromotion: boolean },
  ) {
    this.situation = situation;
    this.draft = draft;
    this.kept = places.kept;
    this.wanted = places.wanted;
    this.awaitsPromotion = places.awaitsPromotion;
    this.#startsLeft = startsLeft(situation);
  }

  /** Nothing is moved to the new version. */
  get isFrozen(): boolean {
    const { kind } = this.situation.course;
    return kind === 'failed' || kind === 'paused';
  }

  get minHealthyTime(): number {
    return this.situation.group?.Update?.MinHealthyTime ?? 0;
  }

  get proof(): Proof {
    const { nowMs, course } = this.situation;
    return { minHealthyTime: this.minHealthyTime, nowMs, deploymentId: course.deployment?.ID };
  }

  isCurrent({ alloc }: Entry): boolean {
    return isCurrentAlloc(this.situation, alloc);
  }

  isOutdated(slot: Slot): boolean {
    if (this.touched.has(slot) || slot.head.alloc.JobVersion === this.situation.job.Version) return false;
    return slot.head.class !== 'complete' || !this.situation.canStay(slot.head.alloc);
  }

  stays({ head }: Slot): boolean {
    return head.class === 'live' && this.situation.canStay(head.alloc);
  }

  /** The instance that holds the place is of another specification than the wanted one. */
  isReplaced(slot: Slot): boolean {
    return isReplacedPlace(this.situation, slot);
  }

  /** A newer version has begun to take the places over, or is to. */
  get isReplacing(): boolean {
    return this.kept.some((slot) => this.isReplaced(slot));
  }

  /** Takes one serving instance away, if enough of its service go on. */
  takeServing(): boolean {
    const { family } = this.situation;
    return family.budget.take(family.updateFloor);
  }

  /** Behind an ingress nobody serves who is neither a canary nor about to go. */
  get hasNobodyServing(): boolean {
    const { family } = this.situation;
    return family.updateFloor > 0 && !family.budget.has(0);
  }

  /** Whether the service could do without one more. */
  get mayTakeServing(): boolean {
    const { family } = this.situation;
    return family.budget.has(family.updateFloor);
  }

  /** It runs on in the deployment that it belongs to, under the version that changed nothing for it. */
  carryOn(alloc: Allocation): void {
    const { evaluation, job } = this.situation;
    this.draft.desired.InPlaceUpdate++;
    this.draft.inPlace.push({ ...alloc, EvalID: evaluation.ID, JobVersion: job.Version });
  }

  /** One more instance would not be one too many. */
  get mayStart(): boolean {
    return this.#startsLeft > 0;
  }

  /** Whoever is away and is forgotten ends with this very step: another may start for it. */
  forget({ class: kind }: Entry): void {
    if (kind === 'unknown') this.#startsLeft++;
  }

  /** Says whether it was asked for: where there may be no more instances, it waits until one has gone. */
  request(fields: RequestFields): boolean {
    const { job: current, group } = this.situation;
    const job = fields.job ?? current;
    const itsGroup = job === current ? group : job.TaskGroups.find((one) => one.Name === group?.Name);
    if (!itsGroup) return false;
    if (!this.mayStart) {
      this.wasRefused = true;
      this.hold({ reason: 'max_parallel', count: 1 });
      return false;
    }
    this.#startsLeft--;
    const deploymentId = this.deploymentIdFor(job);
    const defaults = { tracker: null, avoidNodes: [], isCanary: false, stopWhen: 'placed' as const };
    this.draft.requests.push({ ...defaults, ...fields, job, group: itsGroup, deploymentId });
    return true;
  }

  /** The predecessor goes on until its successor is proven. */
  requestBeside(fields: RequestFields): void {
    if (!this.request({ stopWhen: 'in its room', ...fields })) return;
    this.hold({ reason: 'start-first', count: 1 });
    if (this.deploymentIdFor(fields.job ?? this.situation.job) === '') this.lookAgain();
  }

  deploymentIdFor(job: Job): string {
    const { job: current, group, course } = this.situation;
    if (job !== current || !group || !isDeployed(current, group)) return '';
    return course.kind === 'running' || course.kind === 'paused' ? (course.deployment?.ID ?? '') : '';
  }

  /** Says what waits; the first reason of a step is the one that is told. */
  hold(held: HeldBack): void {
    const before = this.draft.heldBack;
    if (!before) this.draft.heldBack = held;
    else if (before.reason === held.reason) this.draft.heldBack = { ...before, count: before.count + held.count };
  }

  /** Where no deployment watches the health that is waited for, a timer looks again. */
  lookAgain(): void {
    if (this.draft.followups.length > 0) return;
    const { nowMs } = this.situation;
    this.draft.followups.push(this.nextLook(nowMs + Math.max(1000, this.minHealthyTime / MILLISECOND)));
  }

  /** The wait has begun before: its timer is there, unless it is what woke this evaluation. */
  keepLooking(): void {
    const { TriggeredBy } = this.situation.evaluation;
    if (TriggeredBy === 'rolling-update' || TriggeredBy === 'job-register') this.lookAgain();
  }

  nextLook(atMs: number): Evaluation {
    const { evaluation, job, newId, nowMs } = this.situation;
    return followup({ evaluation, job, newId, nowMs, trigger: 'rolling-update', atMs });
  }
}
