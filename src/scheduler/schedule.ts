/**
 * The scheduler: from what is and what is wanted to a plan. Pure; the same input makes the same plan.
 *
 *   reconcile ─▶ what stops, what runs on, what wants a node ─▶ place, one by one ─▶ plan
 */
import type { Allocation, AllocMetric } from '../model/allocation.ts';
import { type Deployment, DeploymentDescriptions, type DeploymentState } from '../model/deployment.ts';
import { findGroup } from '../model/job.ts';
import type { DesiredUpdates } from '../model/plan.ts';
import { type Placed, Placer } from './place/placer.ts';
import type { GroupDecision, PlacementRequest } from './reconcile/decision.ts';
import { type Reconciled, reconcile } from './reconcile/reconcile.ts';
import { releaseForRoom } from './reconcile/release.ts';
import type { HeldBack, Plan, PlannedStop, ScheduleInput } from './types.ts';

/** Runs to the end. */
export function schedule(input: ScheduleInput): Plan {
  const slices = scheduleInSlices(input);
  for (let slice = slices.next(); ; slice = slices.next()) if (slice.done) return slice.value;
}

/** Placements between two yields: about a millisecond of work. */
const SLICE = 64;

/** Yields between slices of work, so that a server's loop can breathe. Slicing changes nothing but the time. */
export function* scheduleInSlices(input: ScheduleInput): Generator<void, Plan> {
  const placer = new Placer(input);
  const reconciled = yield* reconcile(input, (alloc, job, group) => placer.fits(alloc, job, group));
  placer.without(new Set(reconciled.groups.flatMap((group) => group.stops.map((stop) => stop.alloc))));
  yield;
  const outcome = new Outcome();
  let sinceYield = 0;
  for (const { group, requests } of reconciled.groups) {
    outcome.begin(group);
    for (const request of requests) {
      outcome.note(request, placer.place(request));
      if (++sinceYield % SLICE === 0) yield;
    }
  }
  release(input, reconciled, outcome);
  return assemble(input, reconciled, outcome, placer);
}

function release({ job }: ScheduleInput, reconciled: Reconciled, outcome: Outcome): void {
  if (reconciled.groups.every((group) => group.waiting.length === 0)) return;
  const released = releaseForRoom({
    ...reconciled,
    failed: (group) => outcome.queued[group] ?? 0,
    placed: (group) => outcome.placements.filter((row) => row.TaskGroup === group).length,
    maxParallel: (group) => (job && findGroup(job, group)?.Update?.MaxParallel) || 0,
  });
  for (const { group, stops } of released) {
    outcome.stops.push(...stops);
    outcome.released.set(group, stops.length);
  }
}

/** What became of the requests. */
class Outcome {
  readonly placements: Allocation[] = [];
  readonly stops: PlannedStop[] = [];
  readonly failed: Record<string, AllocMetric> = {};
  readonly queued: Record<string, number> = {};
  /** Of those that waited for others to take over: how many go after all. */
  readonly released = new Map<string, number>();
  /** Of those that were to start beside their predecessor: how many take its very room instead. */
  readonly inRoom = new Map<string, number>();

  begin(group: string): void {
    this.queued[group] = 0;
  }

  note(request: PlacementRequest, result: Placed | AllocMetric): void {
    if ('row' in result) this.#keep(request, result);
    else this.#fail(request.group.Name, result);
  }

  #keep(request: PlacementRequest, { row, stopsPrevious }: Placed): void {
    this.placements.push(row);
    if (!stopsPrevious || !request.stop) return;
    this.stops.push(request.stop);
    const { Name } = request.group;
    if (request.stopWhen === 'in its room') this.inRoom.set(Name, (this.inRoom.get(Name) ?? 0) + 1);
  }

  #fail(group: string, metric: AllocMetric): void {
    const before = this.failed[group];
    this.failed[group] = before ? { ...before, CoalescedFailures: before.CoalescedFailures + 1 } : metric;
    this.queued[group] = (this.queued[group] ?? 0) + 1;
  }
}

function assemble(input: ScheduleInput, reconciled: Reconciled, outcome: Outcome, placer: Placer): Plan {
  const { groups, course, deploymentUpdates } = reconciled;
  const { classes, escaped } = placer.classEligibility();
  const isUsed = course.deployment !== undefined && usesDeployment(reconciled, course.deployment.ID);
  const deploymentId = course.deployment && (!course.isNew || isUsed) ? course.deployment.ID : undefined;
  return {
    evalId: input.evaluation.ID,
    stops: [...groups.flatMap((group) => group.stops), ...outcome.stops],
    placements: outcome.placements,
    inPlace: groups.flatMap((group) => group.inPlace),
    delayed: groups.flatMap((group) => group.delayed),
    deployment: course.isNew && isUsed && course.deployment ? withCanaries(course.deployment, reconciled) : undefined,
    deploymentId,
    deploymentUpdates,
    followups: groups.flatMap((group) => group.followups),
    failedGroups: outcome.failed,
    queued: queuedOf(input, outcome),
    classEligibility: classes,
    escapedComputedClass: escaped,
    desired: Object.fromEntries(
      groups.map((group): [string, DesiredUpdates] => [group.group, desiredOf(group, outcome)]),
    ),
    heldBack: heldBackOf(reconciled, outcome),
  };
}

function usesDeployment({ groups }: Reconciled, id: string): boolean {
  return groups.some(
    (group) =>
      group.requests.some((request) => request.deploymentId === id) ||
      group.inPlace.some((row) => row.DeploymentID === id),
  );
}

/** The groups whose update begins with canaries, and who is to promote them. */
function withCanaries(deployment: Deployment, { groups }: Reconciled): Deployment {
  const begun = new Map(groups.filter((group) => group.canaries > 0).map((group) => [group.group, group.canaries]));
  if (begun.size === 0) return deployment;
  const states = Object.entries(deployment.TaskGroups).map(([name, state]): [string, DeploymentState] => [
    name,
    { ...state, DesiredCanaries: begun.get(name) ?? 0 },
  ]);
  const isAutomatic = states.every(([, state]) => state.DesiredCanaries === 0 || state.AutoPromote);
  const { runningAutoPromotion, runningNeedsPromotion } = DeploymentDescriptions;
  const StatusDescription = isAutomatic ? runningAutoPromotion : runningNeedsPromotion;
  return { ...deployment, StatusDescription, TaskGroups: Object.fromEntries(states) };
}

/** Groups that the job has no more wait for nothing. */
function queuedOf({ job }: ScheduleInput, outcome: Outcome): Record<string, number> {
  const names = new Set(job?.TaskGroups.map((group) => group.Name));
  return Object.fromEntries(Object.entries(outcome.queued).filter(([name]) => names.has(name)));
}

function desiredOf({ group, desired }: GroupDecision, outcome: Outcome): DesiredUpdates {
  const released = outcome.released.get(group) ?? 0;
  return released === 0 ? desired : { ...desired, Stop: desired.Stop + released, Ignore: desired.Ignore - released };
}

function heldBackOf({ groups }: Reconciled, outcome: Outcome): Record<string, HeldBack> {
  const held = groups.flatMap((group) => {
    const still = stillHeld(group, outcome);
    return still ? [[group.group, still] as const] : [];
  });
  const lacking = Object.keys(outcome.failed).map((group) => {
    const lack: HeldBack = { reason: 'capacity', count: outcome.queued[group] ?? 0 };
    return [group, lack] as const;
  });
  return Object.fromEntries([...held, ...lacking]);
}

/** Whoever takes its predecessor's room, or was let go, does not wait for health any more. */
function stillHeld({ group, heldBack }: GroupDecision, outcome: Outcome): HeldBack | undefined {
  if (heldBack?.reason !== 'start-first') return heldBack;
  const count = heldBack.count - (outcome.inRoom.get(group) ?? 0) - (outcome.released.get(group) ?? 0);
  return count > 0 ? { ...heldBack, count } : undefined;
}
