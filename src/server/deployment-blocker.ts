/**
 * What a deployment that has not ended waits for: one typed reason, one sentence, and what to type. It answers the
 * question of three in the morning, so every rule names the thing, not the mechanism.
 */

import { shortId } from '../lib/ids.ts';
import type { Allocation } from '../model/allocation.ts';
import { isClientTerminal, isTerminal } from '../model/allocation.ts';
import type { Deployment, DeploymentBlocker } from '../model/deployment.ts';
import { isDeploymentActive } from '../model/deployment.ts';
import { disconnectedWords, isAwaited, nextChangeMs } from '../model/disconnect.ts';
import type { Evaluation } from '../model/evaluation.ts';
import { findGroup, type Job } from '../model/job.ts';
import { MILLISECOND } from '../model/nanos.ts';
import { isUsedUp } from '../scheduler/reconcile/reschedule.ts';
import { missingCapacity } from './capacity.ts';
import { isComplete, nextBatches, nextDeadlineMs, predecessorsOf } from './deployment-decision.ts';
import { type IngressSaying, ingressProblem, isOwed } from './instance-state.ts';
import { checkTrouble, instanceTrouble, taskTrouble } from './instance-trouble.ts';
import { awaitsPromotion, promotionProblem } from './promotion.ts';
import { timeWords } from './time-words.ts';

export interface BlockerSituation {
  readonly deployment: Deployment;
  /** At the deployment's version. */
  readonly job: Job | undefined;
  /** All allocations of the job. */
  readonly allocs: readonly Allocation[];
  readonly evaluations: readonly Evaluation[];
  /** What the ingresses say; nothing where it is not known. */
  readonly ingresses?: readonly IngressSaying[];
  readonly nowMs: number;
}

type Rule = (situation: BlockerSituation) => DeploymentBlocker | undefined;

/** In this order: who could act first is named first. */
const RULES: readonly Rule[] = [
  waitsForPerson,
  waitsForCapacity,
  waitsForNode,
  waitsForLoadBalancer,
  waitsForHealth,
  waitsForRetry,
  waitsForFailing,
  waitsForInterval,
  waitsForNothing,
  waitsForPlace,
];

/** The blocker of an active deployment; undefined when it has ended. */
export function deploymentBlocker(situation: BlockerSituation): DeploymentBlocker | undefined {
  if (!isDeploymentActive(situation.deployment)) return undefined;
  for (const rule of RULES) {
    const blocker = rule(situation);
    if (blocker) return blocker;
  }
  return { Reason: 'scheduler', Message: 'the scheduler is placing the next instances' };
}

/** What one group of it waits for; undefined when all of that group is healthy. */
export function groupBlocker(situation: BlockerSituation, name: string): DeploymentBlocker | undefined {
  const state = situation.deployment.TaskGroups[name];
  if (!state) return undefined;
  const allocs = situation.allocs.filter(({ TaskGroup }) => TaskGroup === name);
  const evaluations = situation.evaluations.map((evaluation) => queuedOnlyOf(name, evaluation));
  const blocker = deploymentBlocker({
    ...situation,
    deployment: { ...situation.deployment, TaskGroups: { [name]: state } },
    allocs,
    evaluations,
  });
  const isDone = blocker?.Reason === 'scheduler' && state.HealthyAllocs >= state.DesiredTotal;
  return isDone ? undefined : blocker;
}

function queuedOnlyOf(name: string, evaluation: Evaluation): Evaluation {
  const count = evaluation.QueuedAllocations?.[name];
  return { ...evaluation, QueuedAllocations: count === undefined ? {} : { [name]: count } };
}

function waitsForPerson(situation: BlockerSituation): DeploymentBlocker | undefined {
  const { deployment } = situation;
  const id = shortId(deployment.ID);
  if (deployment.Status === 'paused') {
    return {
      Reason: 'person',
      Message: 'it is paused until somebody resumes it',
      Command: `serin deployment resume ${id}`,
    };
  }
  const waiting = Object.keys(deployment.TaskGroups).find((name) => needsPromotion(name, situation));
  if (waiting === undefined) return undefined;
  return {
    Reason: 'person',
    Message: `the canaries of group "${waiting}" are healthy and wait until somebody promotes them`,
    Command: `serin deployment promote ${id}`,
  };
}

function waitsForCapacity(situation: BlockerSituation): DeploymentBlocker | undefined {
  const { evaluations } = situation;
  const groups = [...missingCapacity(evaluations)];
  const first = groups[0]?.[1];
  if (!first) return undefined;
  const words = groups.map(([name, { Missing }]) => `${Missing} of group "${name}"`).join(', ');
  const reasons = [...new Set(groups.flatMap(([, { Reasons }]) => Reasons.map(({ Message }) => Message)))];
  return {
    Reason: 'capacity',
    Message: `no node has room for ${words}${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`,
    Command: `serin eval status ${shortId(first.EvalID)}`,
    ...untilDeadline(situation),
  };
}

/** Its node is lost, and its group waits for it before another takes its place: `disconnect`. */
function waitsForNode(situation: BlockerSituation): DeploymentBlocker | undefined {
  const { deployment, allocs, nowMs } = situation;
  const away = allocs.find(
    (alloc) => alloc.DeploymentID === deployment.ID && !isTerminal(alloc) && isAwaited(alloc.Disconnected, nowMs),
  );
  if (!away?.Disconnected) return undefined;
  const times = [nextChangeMs(away.Disconnected, nowMs), untilDeadline(situation).UntilMs];
  const UntilMs = Math.min(...times.flatMap((ms) => ms ?? []));
  const hasTimer = Number.isFinite(UntilMs);
  return {
    Reason: hasTimer ? 'retry' : 'person',
    Message: `instance ${shortId(away.ID)}: ${disconnectedWords(away.NodeName, away.Disconnected, nowMs)}`,
    Command: `serin node status ${shortId(away.NodeID)}`,
    ...(hasTimer && { UntilMs }),
  };
}

/**
 * Instances of before that are wanted are not waited for: a set that is kept warm gets no requests on purpose, and
 * nothing here depends on any other.
 */
function waitsForLoadBalancer(situation: BlockerSituation): DeploymentBlocker | undefined {
  const { deployment, allocs } = situation;
  const owing = allocs.find(
    (alloc) =>
      !isClientTerminal(alloc) &&
      (alloc.DesiredStatus !== 'run' || alloc.DeploymentID === deployment.ID) &&
      isOwed(alloc),
  );
  if (!owing?.Traffic) return undefined;
  const who = owing.Traffic.Owing.join(', ');
  const what = owing.DesiredStatus === 'run' ? 'to take instance' : 'to finish what is in flight to instance';
  const problem = ingressProblem(owing, groupOf(situation, owing), situation.ingresses ?? []);
  return {
    Reason: 'load-balancer',
    Message: `ingress ${who} has yet ${what} ${shortId(owing.ID)} (version ${owing.JobVersion})${problem ? `: it ${problem.Message}` : ''}`,
    // Whoever holds the port is not ours to name; the operating system knows.
    Command: problem ? `ss -ltnp 'sport = :${problem.Listen}'` : `serin alloc status ${shortId(owing.ID)}`,
    ...untilDeadline(situation),
  };
}

function waitsForHealth(situation: BlockerSituation): DeploymentBlocker | undefined {
  const { deployment, allocs } = situation;
  const unjudged = allocs.filter(
    (alloc) =>
      alloc.DeploymentID === deployment.ID &&
      !isClientTerminal(alloc) &&
      alloc.DesiredStatus === 'run' &&
      alloc.DeploymentStatus?.Healthy !== true,
  );
  const named = unjudged.find((alloc) => instanceTrouble(alloc) !== undefined) ?? unjudged[0];
  if (!named) return undefined;
  const others = unjudged.length > 1 ? ` and ${unjudged.length - 1} more` : '';
  const trouble = instanceTrouble(named);
  if (trouble === undefined && isJudgedByHand(situation, named)) return waitsForJudge(situation, named, others);
  return {
    Reason: 'health',
    Message: `instance ${shortId(named.ID)}${others} ${mustBeHealthy(situation, named)}${trouble ? `: ${trouble}` : ''}`,
    Command: commandToLookAt(named),
    ...untilDeadline(situation),
  };
}

const isJudgedByHand = (situation: BlockerSituation, alloc: Allocation): boolean =>
  alloc.DeploymentStatus?.Healthy !== false && groupOf(situation, alloc)?.Update?.HealthCheck === 'manual';

function waitsForJudge(situation: BlockerSituation, { ID }: Allocation, others: string): DeploymentBlocker {
  const { deployment } = situation;
  return {
    Reason: 'person',
    Message: `instance ${shortId(ID)}${others} waits until somebody judges it by PUT /v1/deployment/allocation-health/${deployment.ID} (health_check = "manual")`,
    Command: `serin alloc status ${shortId(ID)}`,
    ...untilDeadline(situation),
  };
}

/** One that was judged unhealthy stays so: another takes its place, or the deployment's deadline ends the wait. */
function mustBeHealthy(situation: BlockerSituation, alloc: Allocation): string {
  if (alloc.DeploymentStatus?.Healthy === false) return 'did not become healthy in time';
  const nanos = groupOf(situation, alloc)?.Update?.MinHealthyTime ?? 0;
  return `must be healthy${nanos > 0 ? ` for ${timeWords(nanos / MILLISECOND)}` : ''}`;
}

/** One that failed is followed by another after its reschedule delay, or by none: then the deadline ends the wait. */
function waitsForRetry(situation: BlockerSituation): DeploymentBlocker | undefined {
  const { deployment, allocs, evaluations, nowMs } = situation;
  const failed = allocs.find(
    (alloc) =>
      alloc.DeploymentID === deployment.ID &&
      isClientTerminal(alloc) &&
      alloc.DesiredStatus === 'run' &&
      alloc.NextAllocation === '',
  );
  if (!failed) return undefined;
  const trouble = instanceTrouble(failed);
  const how = `${failed.ClientStatus === 'lost' ? 'is lost' : 'failed'}${trouble ? `: ${trouble}` : ''}`;
  const untilMs = evaluations.find(({ ID }) => ID === failed.FollowupEvalID)?.WaitUntilMs ?? 0;
  const next =
    untilMs > nowMs ? `another is placed ${timeWords(untilMs - nowMs)} from now` : nextAttempt(situation, failed);
  return {
    Reason: 'retry',
    Message: `instance ${shortId(failed.ID)} ${how}; ${next}`,
    Command: failed.ClientStatus === 'lost' ? 'serin node status' : commandToLookAt(failed),
    ...(untilMs > nowMs ? { UntilMs: untilMs } : untilDeadline(situation)),
  };
}

function nextAttempt(situation: BlockerSituation, failed: Allocation): string {
  const policy = groupOf(situation, failed)?.ReschedulePolicy;
  const isOver = failed.ClientStatus === 'failed' && policy !== undefined && isUsedUp(failed, policy);
  return isOver ? `its reschedule attempts (${policy.Attempts}) are used up` : 'another is being placed';
}

/**
 * One that was found healthy, of whatever version, and fails a check now: the update may take no other away meanwhile.
 * Without a deadline nobody but a person ends that.
 */
function waitsForFailing(situation: BlockerSituation): DeploymentBlocker | undefined {
  const { deployment, allocs } = situation;
  const failing = allocs.find((alloc) => alloc.TaskGroup in deployment.TaskGroups && servesNoMore(alloc));
  if (!failing) return undefined;
  const until = untilDeadline(situation);
  const trouble = checkTrouble(failing);
  return {
    Reason: until.UntilMs === undefined ? 'person' : 'health',
    Message: `instance ${shortId(failing.ID)} (version ${failing.JobVersion}) was found healthy and serves nothing now, so no other may go${trouble ? `: ${trouble}` : ''}`,
    Command: commandToLookAt(failing),
    ...until,
  };
}

/** It was found, or called, healthy; and its tasks or its services say otherwise now. */
const servesNoMore = (alloc: Allocation): boolean =>
  !isTerminal(alloc) &&
  alloc.DeploymentStatus?.Healthy === true &&
  (alloc.ClientStatus === 'pending' || (alloc.Services ?? []).some((service) => service.Status !== 'passing'));

function waitsForInterval(situation: BlockerSituation): DeploymentBlocker | undefined {
  const { job, nowMs } = situation;
  const next = nextBatches({ ...ofDeployment(situation), job }).find(({ atMs }) => atMs > nowMs);
  return (
    next && {
      Reason: 'interval',
      Message: `the next batch of group "${next.group}" starts ${timeWords(next.atMs - nowMs)} from now (stagger)`,
      UntilMs: next.atMs,
    }
  );
}

function waitsForNothing(situation: BlockerSituation): DeploymentBlocker | undefined {
  return isComplete(ofDeployment(situation))
    ? { Reason: 'scheduler', Message: 'every instance is healthy; it is about to end' }
    : undefined;
}

/** Of an app of Marathon there are never more than it allows, those that are about to end included. */
function waitsForPlace(situation: BlockerSituation): DeploymentBlocker | undefined {
  if (!situation.job?.Marathon) return undefined;
  const leaving = situation.allocs.filter((alloc) => !isClientTerminal(alloc) && alloc.DesiredStatus !== 'run');
  const [first] = leaving;
  if (!first) return undefined;
  const others = leaving.length > 1 ? ` and ${leaving.length - 1} more` : '';
  return {
    Reason: 'capacity',
    Message: `instance ${shortId(first.ID)} (version ${first.JobVersion})${others} must end before another may start (maximumOverCapacity)`,
    Command: `serin alloc status ${shortId(first.ID)}`,
    ...untilDeadline(situation),
  };
}

/** What a task wrote explains its end; nothing was written where it was never launched. */
export function commandToLookAt(alloc: Pick<Allocation, 'ID' | 'TaskStates'>): string {
  const wasLaunched = Object.values(alloc.TaskStates ?? {}).some(({ Events }) =>
    Events.some(({ Type }) => Type === 'Terminated'),
  );
  return taskTrouble(alloc) !== undefined && wasLaunched
    ? `serin alloc logs -stderr ${shortId(alloc.ID)}`
    : `serin alloc status ${shortId(alloc.ID)}`;
}

const groupOf = ({ job }: BlockerSituation, { TaskGroup }: Allocation) => job && findGroup(job, TaskGroup);

/** Its canaries are healthy, and nobody but a person promotes them. */
export function needsPromotion(name: string, { deployment, allocs }: Pick<BlockerSituation, 'deployment' | 'allocs'>) {
  const state = deployment.TaskGroups[name];
  if (!state || state.AutoPromote || !awaitsPromotion(state)) return false;
  const ours = allocs.filter(({ DeploymentID }) => DeploymentID === deployment.ID);
  return promotionProblem(name, state, ours) === undefined;
}

/** The timer that ends the wait whatever happens: the nearest progress deadline; none while it is paused. */
function untilDeadline(situation: BlockerSituation): { readonly UntilMs?: number } {
  const UntilMs = situation.deployment.Status === 'running' ? nextDeadlineMs(ofDeployment(situation)) : undefined;
  return UntilMs === undefined ? {} : { UntilMs };
}

function ofDeployment({ deployment, allocs }: BlockerSituation) {
  const ours = allocs.filter(({ DeploymentID }) => DeploymentID === deployment.ID);
  return { deployment, allocs: ours, predecessors: predecessorsOf(deployment, allocs) };
}
