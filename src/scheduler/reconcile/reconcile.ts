/**
 * Reconciles a job: what is there against what is wanted, group by group. It decides what stops, what runs on and what
 * wants a node; where that is comes later.
 */
import { type Allocation, isClientTerminal } from '../../model/allocation.ts';
import { groupServices } from '../../model/ingress-services.ts';
import { findGroup, isStopped, type Job, type TaskGroup } from '../../model/job.ts';
import { forceFromMs } from '../../model/node.ts';
import { surgeOf } from '../../model/surge.ts';
import { updateKind } from '../../model/update-kind.ts';
import type { DeploymentUpdate, ScheduleInput } from '../types.ts';
import { classify } from './classify.ts';
import { type Course, cancelled, courseOf } from './course.ts';
import { Draft, type GroupDecision, StopReasons } from './decision.ts';
import { buildFamilies, type Family, type FamilyMember } from './families.ts';
import { reconcileGroup } from './group.ts';
import { type Retry, retryOf } from './reschedule.ts';
import { isResting } from './resting.ts';
import { isFit, isServing } from './serving.ts';
import { type Entry, isCanary } from './slots.ts';
import { isJustBack, waitOf } from './wait.ts';

export interface Reconciled {
  readonly groups: readonly GroupDecision[];
  readonly course: Course;
  readonly deploymentUpdates: readonly DeploymentUpdate[];
  /** By group: those that are one backend to the traffic. */
  readonly families: ReadonlyMap<string, Family>;
}

/** Whether an allocation that runs on its node could be placed there as the job is now. */
export type NodeFits = (alloc: Allocation, job: Job, group: TaskGroup) => boolean;

/** Instances looked at between two yields: about a millisecond of work. */
const SLICE = 500;

export function* reconcile(input: ScheduleInput, nodeFits: NodeFits): Generator<void, Reconciled> {
  const deploymentUpdates = cancelled(input);
  const course = courseOf(input);
  const { job } = input;
  if (!job || isStopped(job)) return { groups: stopAll(input), course, deploymentUpdates, families: new Map() };
  return { ...(yield* reconcileGroups(input, job, course, nodeFits)), course, deploymentUpdates };
}

/** A job that stops: whatever is wanted of it is wanted no more. */
function stopAll(input: ScheduleInput): GroupDecision[] {
  return [...byGroup(input)].map(([name, allocs]) => {
    const draft = new Draft(name);
    for (const alloc of allocs) {
      const kind = classifyIn(input, undefined, alloc, () => ({ kind: 'never', reason: 'attempts used up' }));
      if (kind === 'lost' || kind === 'gone-leaving') draft.lose(alloc);
      else if (kind === 'live' || kind === 'migrating') draft.stop(alloc, StopReasons.notNeeded);
    }
    draft.desired.Stop = draft.stops.length;
    // What failed gives its place up as well: when the job runs again, it begins with all of its count.
    for (const alloc of allocs) if (isGivenUp(alloc)) draft.stop(alloc, StopReasons.notNeeded);
    return draft.done();
  });
}

const isGivenUp = ({ ClientStatus, DesiredStatus }: Allocation): boolean =>
  DesiredStatus === 'run' && ClientStatus === 'failed';

function* reconcileGroups(
  input: ScheduleInput,
  job: Job,
  course: Course,
  nodeFits: NodeFits,
): Generator<void, Pick<Reconciled, 'groups' | 'families'>> {
  const prepared: PreparedGroup[] = [];
  for (const [name, allocs] of byGroup(input))
    prepared.push(yield* prepareGroup(input, job, course, nodeFits, name, allocs));
  const families = buildFamilies(prepared.map((group) => group.member));
  const leavesInTurn = ({ NodeID }: Allocation): boolean => isDrainedInTurn(input, NodeID);
  const node = (nodeId: string) => input.cluster.node(nodeId);
  const groups: GroupDecision[] = [];
  for (const { name, group, entries, retry, canStay } of prepared) {
    const family = families.get(name)!;
    groups.push(
      yield* reconcileGroup(
        { ...input, job, group, entries, course, family, retryOf: retry, canStay, leavesInTurn, node },
        name,
      ),
    );
  }
  return { groups, families };
}

function isDrainedInTurn({ cluster, nowMs }: ScheduleInput, nodeId: string): boolean {
  const strategy = cluster.node(nodeId)?.DrainStrategy;
  return strategy ? nowMs < forceFromMs(strategy) : false;
}

interface PreparedGroup {
  readonly name: string;
  readonly group: TaskGroup | undefined;
  readonly entries: readonly Entry[];
  readonly retry: (alloc: Allocation) => Retry;
  readonly canStay: (alloc: Allocation) => boolean;
  readonly member: FamilyMember;
}

function* prepareGroup(
  input: ScheduleInput,
  job: Job,
  course: Course,
  nodeFits: NodeFits,
  name: string,
  allocs: readonly Allocation[],
): Generator<void, PreparedGroup> {
  const group = findGroup(job, name);
  const last = group ?? lastKnownGroup(input, name, allocs);
  const retry = (alloc: Allocation): Retry => retryIn(input, course, last, alloc);
  const canStay = memoizedStay(input, job, group, nodeFits);
  const speaks = memoizedSpeaks(input, last);
  const takesRequests = (alloc: Allocation) => speaks(alloc.JobVersion) && !isResting(alloc, canStay);
  const entries: Entry[] = [];
  for (const alloc of allocs) {
    if (entries.push(newEntry(input, { group, last }, alloc, retry, takesRequests)) % SLICE === 0) yield;
  }
  // Canaries that nobody promoted serve a part at most: nothing counts on them.
  const serving = entries.filter((entry) => entry.serving && !isCanary(entry)).length;
  const mayBeEmpty = job.Marathon !== undefined && surgeOf(group?.Update ?? null, group?.Count ?? 0) === 0;
  return {
    name,
    group,
    entries,
    retry,
    canStay,
    member: { name, group: last, wanted: group?.Count ?? 0, serving, mayBeEmpty },
  };
}

function newEntry(
  input: ScheduleInput,
  { group, last }: { readonly group: TaskGroup | undefined; readonly last: TaskGroup | undefined },
  alloc: Allocation,
  retry: (alloc: Allocation) => Retry,
  takesRequests: (alloc: Allocation) => boolean,
): Entry {
  const kind = classifyIn(input, group, alloc, retry);
  const there = kind === 'live' || kind === 'migrating';
  const fit = there && takesRequests(alloc) && isFit(alloc, last?.Update?.MinHealthyTime ?? 0, input.nowMs);
  return { alloc, class: kind, fit, serving: isServing(alloc, fit) && !isJustBack(alloc, there) };
}

/** A version whose group did not have the service takes none of its requests, however healthy it is. */
function memoizedSpeaks(input: ScheduleInput, group: TaskGroup | undefined): (version: number) => boolean {
  const wanted = serviceNames(group);
  const known = new Map<number, boolean>();
  return (version) => {
    if (wanted.size === 0) return true;
    let speaks = known.get(version);
    if (speaks === undefined) {
      const job = input.jobVersion(version);
      const names = serviceNames(job && group && findGroup(job, group.Name));
      speaks = job === undefined || [...names].some((name) => wanted.has(name));
      known.set(version, speaks);
    }
    return speaks;
  };
}

const serviceNames = (group: TaskGroup | undefined): ReadonlySet<string> =>
  new Set(group ? groupServices(group).map((service) => service.Name) : []);

function classifyIn(
  { cluster, evaluation, nowMs }: ScheduleInput,
  group: TaskGroup | undefined,
  alloc: Allocation,
  retry: (alloc: Allocation) => Retry,
) {
  const node = cluster.node(alloc.NodeID);
  return classify({
    alloc,
    nodeLost: !node || node.Status === 'down' || node.Status === 'disconnected',
    isBatch: evaluation.Type === 'batch',
    wait: () => waitOf(alloc, node, group, nowMs),
    retry: () => retry(alloc),
  });
}

function retryIn(input: ScheduleInput, course: Course, group: TaskGroup | undefined, alloc: Allocation): Retry {
  if (!group) return { kind: 'never', reason: 'attempts used up' };
  return retryOf({
    alloc,
    policy: group.ReschedulePolicy,
    // One that was healthy once and failed since is the policy's, deployment or not.
    inDeployment:
      course.kind !== 'settled' &&
      alloc.DeploymentID !== '' &&
      alloc.DeploymentID === course.deployment?.ID &&
      alloc.DeploymentStatus?.Healthy !== true,
    evaluationId: input.evaluation.ID,
    nowMs: input.nowMs,
  });
}

/** The same change is judged once per old version, not once per allocation. */
function memoizedStay(input: ScheduleInput, job: Job, group: TaskGroup | undefined, nodeFits: NodeFits) {
  const kinds = new Map<number, boolean>();
  return (alloc: Allocation): boolean => {
    if (!group) return false;
    let stays = kinds.get(alloc.JobVersion);
    if (stays === undefined) {
      const before = input.jobVersion(alloc.JobVersion);
      stays = before !== undefined && updateKind(before, job, group.Name) !== 'destructive';
      kinds.set(alloc.JobVersion, stays);
    }
    return stays && (isClientTerminal(alloc) || nodeFits(alloc, job, group));
  };
}

/** Groups of the job in its order, then those that only allocations still know. */
function byGroup({ job, allocs }: ScheduleInput): Map<string, Allocation[]> {
  const groups = new Map<string, Allocation[]>((job?.TaskGroups ?? []).map((group) => [group.Name, []]));
  for (const alloc of allocs) {
    const there = groups.get(alloc.TaskGroup);
    if (there) there.push(alloc);
    else groups.set(alloc.TaskGroup, [alloc]);
  }
  return groups;
}

function lastKnownGroup(input: ScheduleInput, name: string, allocs: readonly Allocation[]): TaskGroup | undefined {
  const version = allocs.reduce((latest, alloc) => Math.max(latest, alloc.JobVersion), 0);
  const job = input.jobVersion(version);
  return job && findGroup(job, name);
}
