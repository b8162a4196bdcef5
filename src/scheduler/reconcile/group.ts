/**
 * Reconciles one group: what is there against what is wanted, as a story of steps over its places.
 * The deployment's course says what may be moved, max_parallel and health how much of it now, the family what must go on
 * serving meanwhile.
 */
import type { NewId } from '../../lib/ids.ts';
import { type Allocation, isClientTerminal } from '../../model/allocation.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import { epochMsOf, MILLISECOND } from '../../model/nanos.ts';
import type { HeldBack } from '../types.ts';
import { type Course, isDeployed } from './course.ts';
import { Draft, type GroupDecision, type PlacementRequest, StopReasons } from './decision.ts';
import type { Family } from './families.ts';
import { followup } from './followups.ts';
import { freeNames } from './names.ts';
import { failedNodes, type Retry, trackedAfter } from './reschedule.ts';
import { isProven, updateRoom } from './serving.ts';
import { buildSlots, chooseSurplus, type Entry, isCanary, type Slot } from './slots.ts';

export interface GroupSituation {
  readonly job: Job;
  readonly group: TaskGroup;
  readonly entries: readonly Entry[];
  readonly course: Course;
  readonly family: Family;
  readonly evaluation: Evaluation;
  readonly nowMs: number;
  readonly newId: NewId;
  readonly jobVersion: (version: number) => Job | undefined;
  readonly retryOf: (alloc: Allocation) => Retry;
  /** Whether the new version can run on as the same instance: its kind of change, and whether its node still fits. */
  readonly canStay: (alloc: Allocation) => boolean;
}

export function reconcileGroup(situation: GroupSituation): GroupDecision {
  const draft = new Draft(situation.group.Name);
  loseUnreachable(situation, draft);
  const slots = buildSlots(situation.entries, situation.job.Version);
  const { kept, surplus } = chooseSurplus(slots, situation.group.Count);
  const step = new Step(situation, draft, kept);
  step.fillUp(slots);
  step.shrink(surplus);
  step.handOver();
  step.repair();
  step.update();
  step.delayRetries();
  return step.done();
}

/** The group is not wanted any more: everything of it goes, as far as no other group of its service still needs it. */
export function dropGroup(situation: Omit<GroupSituation, 'group'>, name: string): GroupDecision {
  const draft = new Draft(name);
  loseUnreachable(situation, draft);
  const slots = buildSlots(situation.entries, situation.job.Version);
  const step = new Step(situation, draft, []);
  step.shrink(slots);
  return step.done();
}

function loseUnreachable({ entries }: Pick<GroupSituation, 'entries'>, draft: Draft): void {
  for (const entry of entries) {
    if (entry.class === 'lost' || entry.class === 'gone-leaving') draft.lose(entry.alloc);
  }
}

type StepSituation = Omit<GroupSituation, 'group'> & { readonly group?: TaskGroup };

class Step {
  readonly #situation: StepSituation;
  readonly #draft: Draft;
  readonly #kept: readonly Slot[];
  /** Places that this step has already decided about. */
  readonly #touched = new Set<Slot>();
  /** The update has begun with canaries, or is to, and nobody has promoted them: nothing else moves to the new version. */
  readonly #awaitsPromotion: boolean;
  #room = 0;
  #placed = 0;

  constructor(situation: StepSituation, draft: Draft, kept: readonly Slot[]) {
    this.#situation = situation;
    this.#draft = draft;
    this.#kept = kept;
    this.#awaitsPromotion = this.#beginsWithCanaries();
    draft.canaries = this.#awaitsPromotion ? this.#canaryCount() : 0;
  }

  #canaryCount(): number {
    const { group } = this.#situation;
    return Math.min(group?.Update?.Canary ?? 0, group?.Count ?? 0);
  }

  /** Canaries come before a destructive update of what is there; a first version, or one in place, needs none. */
  #beginsWithCanaries(): boolean {
    const { job, group, course } = this.#situation;
    if (!group || !isDeployed(job, group) || this.#canaryCount() === 0 || course.kind === 'settled') return false;
    const state = course.deployment?.TaskGroups[group.Name];
    if (!course.isNew) return state !== undefined && state.DesiredCanaries > 0 && !state.Promoted;
    return this.#kept.some((slot) => this.#isOutdated(slot) && !this.#stays(slot));
  }

  /** Places that nobody holds are filled at once, limited by nothing but the course. */
  fillUp(slots: readonly Slot[]): void {
    const { job, group } = this.#situation;
    const missing = group ? group.Count - slots.length : 0;
    if (group && missing > 0 && !this.#isFrozen() && !this.#awaitsPromotion) {
      const taken = new Set(slots.map((slot) => slot.name));
      for (const name of freeNames(job.ID, group.Name, taken, missing)) this.#request({ name });
      this.#placed = missing;
      this.#draft.desired.Place += missing;
    }
    this.#room = this.#initialRoom();
  }

  /** Nothing is moved to the new version. */
  #isFrozen(): boolean {
    const { kind } = this.#situation.course;
    return kind === 'failed' || kind === 'paused';
  }

  #initialRoom(): number {
    const { job, group } = this.#situation;
    if (!group || this.#isFrozen() || this.#awaitsPromotion) return 0;
    if (!isDeployed(job, group)) return Number.POSITIVE_INFINITY;
    return updateRoom(
      group.Update?.MaxParallel ?? 0,
      this.#kept.filter((slot) => this.#isUnproven(slot)).length,
      this.#placed,
    );
  }

  #isUnproven({ head: { alloc } }: Slot): boolean {
    const { job, course } = this.#situation;
    const ours = alloc.JobVersion === job.Version && alloc.DeploymentID === course.deployment?.ID;
    return ours && alloc.DeploymentStatus?.Healthy !== true;
  }

  /** Predecessors go once their successor is proven, and those that nobody needs go at once. */
  handOver(): void {
    for (const slot of this.#kept) {
      const waits = slot.others.filter((other) => other.class !== 'lost' && !this.#isSpare(other));
      for (const other of slot.others) if (this.#isSpare(other)) this.#stopPredecessor(other);
      if (waits.length === 0) continue;
      if (this.#isProven(slot.head)) for (const other of waits) this.#stopPredecessor(other);
      else this.#hold({ reason: 'start-first', count: waits.length }, slot.head.alloc.DeploymentID === '');
    }
  }

  /** It neither serves nor ever will again here. */
  #isSpare(other: Entry): boolean {
    if (other.class === 'lost') return false;
    if (isCanary(other) && other.alloc.JobVersion !== this.#situation.job.Version) return true;
    return isClientTerminal(other.alloc) || (!other.serving && other.class !== 'migrating');
  }

  #stopPredecessor({ alloc, serving }: Entry): void {
    const { job, family } = this.#situation;
    if (serving) family.budget.take(0);
    this.#draft.desired.Stop++;
    this.#draft.stop(alloc, alloc.JobVersion === job.Version ? StopReasons.migrating : StopReasons.updating);
  }

  #isProven(head: Entry): boolean {
    const { alloc } = head;
    if (this.#awaitsPromotion && isCanary(head)) return false;
    return isProven(alloc, this.#minHealthyTime(), this.#situation.nowMs);
  }

  #minHealthyTime(): number {
    return this.#situation.group?.Update?.MinHealthyTime ?? 0;
  }

  /** Instances that are lost, that failed and are tried again, and that must leave their node. */
  repair(): void {
    for (const slot of this.#kept) {
      if (slot.head.class === 'lost') this.#replaceLost(slot);
      else if (slot.head.class === 'retry') this.#retry(slot);
      else if (slot.head.class === 'migrating') this.#migrate(slot);
    }
  }

  #replaceLost(slot: Slot): void {
    this.#touched.add(slot);
    this.#draft.desired.Stop++;
    const job = this.#repairVersion(slot);
    if (!job) return;
    this.#draft.desired.Place++;
    const canary = isCanary(slot.head) && this.#awaitsPromotion;
    this.#request({ name: slot.name, job, previous: slot.head.alloc, isCanary: canary });
  }

  #retry(slot: Slot): void {
    const { group, nowMs } = this.#situation;
    const job = this.#repairVersion(slot);
    if (!job || !group) return;
    const { alloc } = slot.head;
    this.#touched.add(slot);
    this.#draft.desired.Place++;
    this.#request({
      name: slot.name,
      job,
      previous: alloc,
      tracker: trackedAfter(alloc, group.ReschedulePolicy, nowMs),
      avoidNodes: failedNodes(alloc),
      isCanary: isCanary(slot.head) && this.#awaitsPromotion,
      stop: { alloc, description: StopReasons.rescheduled },
    });
  }

  #migrate(slot: Slot): void {
    const { alloc, serving } = slot.head;
    const job = this.#repairVersion(slot);
    this.#touched.add(slot);
    this.#draft.desired.Migrate++;
    const stop = { alloc, description: StopReasons.migrating };
    const startFirst = serving && !this.#takeServing();
    if (!startFirst) this.#draft.stops.push(stop);
    if (!job) return;
    if (!startFirst) this.#request({ name: slot.name, job, previous: alloc, tracker: alloc.RescheduleTracker });
    else this.#startFirst({ name: slot.name, job, previous: alloc, tracker: alloc.RescheduleTracker, stop });
  }

  /**
   * The version that takes the place of one that is gone: the new one where the update may go on, its own where it may
   * not, and nothing where the failed deployment brought it and it never served.
   */
  #repairVersion({ head: { alloc } }: Slot): Job | undefined {
    const { job, course } = this.#situation;
    if (alloc.JobVersion === job.Version) {
      const neverServed = alloc.DeploymentStatus?.Healthy !== true && alloc.DeploymentID === course.deployment?.ID;
      return course.kind === 'failed' && neverServed ? undefined : job;
    }
    const own = this.#situation.jobVersion(alloc.JobVersion);
    if (this.#isFrozen()) return own;
    if (this.#room > 0 || !own) {
      this.#room = Math.max(0, this.#room - 1);
      return job;
    }
    return own;
  }

  /** Moves places to the new version: in place what can stay, the others batch by batch. */
  update(): void {
    const outdated = this.#kept.filter((slot) => this.#isOutdated(slot));
    if (this.#isFrozen()) return;
    const staying = new Set(outdated.filter((slot) => this.#stays(slot)));
    for (const slot of staying) this.#updateInPlace(slot);
    const replaced = outdated.filter((slot) => !staying.has(slot));
    if (this.#awaitsPromotion) this.#placeCanaries(replaced);
    else this.#updateBatch(replaced);
  }

  #stays({ head }: Slot): boolean {
    return head.class === 'live' && this.#situation.canStay(head.alloc);
  }

  /** Beside the instances of the lowest names, which go on. */
  #placeCanaries(replaced: readonly Slot[]): void {
    const there = this.#kept.filter(
      (slot) => isCanary(slot.head) && slot.head.alloc.JobVersion === this.#situation.job.Version,
    );
    const wanted = Math.max(0, this.#canaryCount() - there.length);
    for (const slot of replaced.filter((one) => one.head.class === 'live').slice(0, wanted)) {
      this.#draft.desired.Canary++;
      this.#request({ name: slot.name, isCanary: true });
    }
  }

  #isOutdated(slot: Slot): boolean {
    if (this.#touched.has(slot) || slot.head.alloc.JobVersion === this.#situation.job.Version) return false;
    return slot.head.class !== 'complete' || !this.#situation.canStay(slot.head.alloc);
  }

  #updateInPlace(slot: Slot): void {
    const { job, evaluation } = this.#situation;
    this.#touched.add(slot);
    this.#draft.desired.InPlaceUpdate++;
    this.#draft.inPlace.push({
      ...slot.head.alloc,
      EvalID: evaluation.ID,
      JobVersion: job.Version,
      DeploymentID: this.#deploymentIdFor(job),
      DeploymentStatus: null,
      DesiredDescription: '',
    });
  }

  #updateBatch(candidates: readonly Slot[]): void {
    if (candidates.length === 0) return;
    const { nowMs } = this.#situation;
    const untilMs = this.#intervalEndMs();
    if (untilMs > nowMs) this.#holdInterval(candidates.length, untilMs, false);
    else this.#startBatch(candidates);
  }

  /** Whoever serves nothing goes first: nothing is lost with it. */
  #startBatch(candidates: readonly Slot[]): void {
    const ordered = [...candidates].sort((a, b) => Number(a.head.serving) - Number(b.head.serving));
    const batch = ordered.slice(0, this.#room);
    for (const slot of batch) this.#replace(slot);
    const rest = candidates.length - batch.length;
    const interval = this.#intervalMs();
    if (rest === 0) return;
    if (batch.length > 0 && interval > 0) this.#holdInterval(rest, this.#situation.nowMs + interval, true);
    else this.#hold({ reason: 'max_parallel', count: rest }, false);
  }

  #replace(slot: Slot): void {
    const { alloc, serving } = slot.head;
    this.#touched.add(slot);
    this.#draft.desired.DestructiveUpdate++;
    const stop = { alloc, description: StopReasons.updating };
    if (serving && !this.#takeServing()) this.#startFirst({ name: slot.name, previous: alloc, stop });
    else this.#request({ name: slot.name, previous: alloc, stop });
  }

  #takeServing(): boolean {
    const { family } = this.#situation;
    return family.budget.take(family.updateFloor);
  }

  #startFirst(request: RequestFields): void {
    this.#request({ ...request, stopWhen: 'in its room' });
    this.#hold(
      { reason: 'start-first', count: 1 },
      this.#deploymentIdFor(request.job ?? this.#situation.job) === '',
      true,
    );
  }

  #intervalMs(): number {
    return (this.#situation.group?.Update?.BatchInterval ?? 0) / MILLISECOND;
  }

  /** When the next batch may start, as far as the interval between batches goes. */
  #intervalEndMs(): number {
    const { course, group, entries } = this.#situation;
    const interval = this.#intervalMs();
    if (interval === 0 || course.kind !== 'running' || !group) return 0;
    const last = course.deployment?.TaskGroups[group.Name]?.LastBatchMs ?? 0;
    const placed = entries.filter(
      ({ alloc }) => alloc.DeploymentID === course.deployment?.ID && alloc.PreviousAllocation !== '',
    );
    return Math.max(last, ...placed.map(({ alloc }) => epochMsOf(alloc.CreateTime))) + interval;
  }

  /** The timer is made with the batch; only an evaluation that the timer itself woke too early makes another. */
  #holdInterval(count: number, untilMs: number, batchStarted: boolean): void {
    const { evaluation } = this.#situation;
    this.#draft.heldBack = { reason: 'interval', count, untilMs };
    if (batchStarted || evaluation.TriggeredBy !== 'deployment-watcher')
      this.#draft.followups.push(this.#nextLook(untilMs));
  }

  /**
   * Says what waits. Where no deployment watches the health that it waits for, a timer looks again: made when the wait
   * begins, and by each look that still finds it waiting.
   */
  #hold(held: HeldBack, unwatched: boolean, begins = false): void {
    const { nowMs, evaluation } = this.#situation;
    const before = this.#draft.heldBack;
    const count = before?.reason === held.reason ? before.count + held.count : held.count;
    if (!before || before.reason === held.reason) this.#draft.heldBack = { ...before, ...held, count };
    if (!unwatched || this.#draft.followups.length > 0) return;
    if (!begins && evaluation.TriggeredBy !== 'rolling-update' && evaluation.TriggeredBy !== 'job-register') return;
    this.#draft.followups.push(this.#nextLook(nowMs + Math.max(1000, this.#minHealthyTime() / MILLISECOND)));
  }

  #nextLook(atMs: number): Evaluation {
    const { evaluation, job, newId, nowMs } = this.#situation;
    return followup({ evaluation, job, newId, nowMs, trigger: 'rolling-update', atMs });
  }

  /** Places beyond the count go at once, as far as the family's other groups have taken over. */
  shrink(surplus: readonly Slot[]): void {
    const { family, course, jobVersion } = this.#situation;
    let waiting = 0;
    for (const slot of surplus) {
      const floor = family.scaleFloor(jobVersion(slot.head.alloc.JobVersion));
      const frozen = floor > 0 && (course.kind === 'failed' || course.kind === 'paused');
      if (slot.head.serving && (frozen || !family.budget.take(floor))) waiting++;
      else this.#drop(slot);
    }
    if (waiting > 0)
      this.#hold({ reason: 'start-first', count: waiting }, course.kind === 'none' || course.kind === 'settled');
    this.#draft.desired.Ignore += waiting;
  }

  #drop(slot: Slot): void {
    for (const { alloc, class: kind } of [slot.head, ...slot.others]) {
      if (kind !== 'lost') this.#draft.stop(alloc, StopReasons.notNeeded);
      this.#draft.desired.Stop++;
    }
  }

  /** Failed instances that are tried again later: one evaluation per moment, noted on the rows that wait for it. */
  delayRetries(): void {
    const { evaluation, job, newId, nowMs, retryOf } = this.#situation;
    const byMoment = new Map<number, Evaluation>();
    for (const slot of this.#kept) {
      if (slot.head.class !== 'delayed' || this.#touched.has(slot) || slot.head.alloc.FollowupEvalID !== '') continue;
      const retry = retryOf(slot.head.alloc);
      if (retry.kind !== 'later') continue;
      const made =
        byMoment.get(retry.atMs) ??
        followup({ evaluation, job, newId, nowMs, trigger: 'alloc-failure', atMs: retry.atMs });
      byMoment.set(retry.atMs, made);
      this.#draft.delayed.push({ ...slot.head.alloc, FollowupEvalID: made.ID });
    }
    this.#draft.followups.push(...byMoment.values());
  }

  done(): GroupDecision {
    this.#draft.desired.Ignore += this.#kept.filter((slot) => !this.#touched.has(slot)).length;
    return this.#draft.done();
  }

  #request(fields: RequestFields): void {
    const { job: current, group } = this.#situation;
    const job = fields.job ?? current;
    const itsGroup = job === current ? group : job.TaskGroups.find((one) => one.Name === group?.Name);
    if (!itsGroup) return;
    this.#draft.requests.push({
      tracker: null,
      avoidNodes: [],
      isCanary: false,
      stopWhen: 'placed',
      ...fields,
      job,
      group: itsGroup,
      deploymentId: this.#deploymentIdFor(job),
    });
  }

  #deploymentIdFor(job: Job): string {
    const { job: current, group, course } = this.#situation;
    if (job !== current || !group || !isDeployed(current, group)) return '';
    return course.kind === 'running' || course.kind === 'paused' ? (course.deployment?.ID ?? '') : '';
  }
}

type RequestFields = Pick<PlacementRequest, 'name'> &
  Partial<Omit<PlacementRequest, 'name' | 'group' | 'deploymentId'>>;
