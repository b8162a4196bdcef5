/**
 * What a deployment that has not ended waits for, as a tree: deployment → groups → instances, each with its timer.
 * Pure, made when it is asked for; of many instances it names those in trouble and counts the others.
 */
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { DeploymentState } from '../model/deployment.ts';
import {
  type DeploymentExplanation,
  type ExplainedInstance,
  type ExplainedTimer,
  type ExplainedTraffic,
  type GroupExplanation,
  type InstanceState,
  InstanceStates,
} from '../model/deployment-explanation.ts';
import { hasIngress } from '../model/ingress-services.ts';
import { findGroup } from '../model/job.ts';
import { ZERO_TIME } from '../model/nanos.ts';
import { missingCapacity } from './capacity.ts';
import { type BlockerSituation, groupBlocker, needsPromotion } from './deployment-blocker.ts';
import { isPatient } from './deployment-decision.ts';
import { type InstanceFinding, type InstanceSituation, instanceState } from './instance-state.ts';
import { awaitsPromotion } from './promotion.ts';
import { timeWords } from './time-words.ts';

export const MOST_INSTANCES = 10;

export function deploymentExplanation(situation: BlockerSituation): DeploymentExplanation {
  const names = Object.keys(situation.deployment.TaskGroups).sort();
  const capacity = missingCapacity(situation.evaluations);
  return {
    Groups: names.map((name): GroupExplanation => {
      const blocker = groupBlocker(situation, name);
      const traffic = explainTraffic(situation, name);
      const missing = capacity.get(name);
      return {
        Name: name,
        ...(blocker && { Blocker: blocker }),
        Timer: explainTimer(situation, name),
        ...(traffic && { Traffic: traffic }),
        ...(missing && { Capacity: missing }),
        ...explainInstances(situation, name),
      };
    }),
  };
}

function stateOf({ deployment }: BlockerSituation, group: string): DeploymentState {
  return deployment.TaskGroups[group]!;
}

type TimerRule = (situation: BlockerSituation, state: DeploymentState, group: string) => ExplainedTimer | undefined;

/** The first that speaks: whoever stops the clock comes before the clock. */
const TIMERS: readonly TimerRule[] = [
  (_, state) =>
    state.HealthyAllocs >= state.DesiredTotal && !awaitsPromotion(state)
      ? { Message: 'no timer runs: every instance of the group is healthy' }
      : undefined,
  ({ deployment }, state) => (deployment.Status === 'paused' ? pausedClock(deployment.PausedAtMs, state) : undefined),
  (situation, _, group) =>
    needsPromotion(group, situation)
      ? { Message: 'no timer runs: it waits until somebody promotes it or fails it' }
      : undefined,
  ({ job }, state) =>
    state.ProgressDeadline === 0 && job && isPatient(job, state)
      ? {
          Message:
            'no timer runs: an instance that fails is tried again, for as long as it takes (the label SERIN_PROGRESS_DEADLINE of the app sets a limit)',
        }
      : undefined,
  (_, state) =>
    state.ProgressDeadline === 0
      ? { Message: 'no timer runs (progress_deadline = 0): the first instance that is judged unhealthy fails it' }
      : undefined,
  (_, state) =>
    state.RequireProgressBy === ZERO_TIME
      ? { Message: 'the clock of progress_deadline starts with the first instance that is placed' }
      : undefined,
];

function explainTimer(situation: BlockerSituation, group: string): ExplainedTimer {
  const state = stateOf(situation, group);
  for (const rule of TIMERS) {
    const timer = rule(situation, state, group);
    if (timer) return timer;
  }
  const untilMs = Date.parse(state.RequireProgressBy);
  const then = state.AutoRevert ? '; then it goes back to the latest stable version (auto_revert)' : '';
  const when = timeWords(untilMs - situation.nowMs);
  const unless = `unless another instance becomes healthy (progress_deadline)${then}`;
  return { Message: `fails in ${when} ${unless}`, UntilMs: untilMs, Unless: unless };
}

function pausedClock(pausedAtMs: number | undefined, state: DeploymentState): ExplainedTimer {
  if (state.RequireProgressBy === ZERO_TIME || pausedAtMs === undefined) {
    return { Message: 'paused: no timer runs' };
  }
  const left = timeWords(Date.parse(state.RequireProgressBy) - pausedAtMs);
  return { Message: `paused: the clock of progress_deadline stands at ${left}` };
}

function explainTraffic(situation: BlockerSituation, name: string): ExplainedTraffic | undefined {
  const state = stateOf(situation, name);
  const group = situation.job && findGroup(situation.job, name);
  if (!group || !hasIngress(group)) return undefined;
  if (awaitsPromotion(state)) return canaryTraffic(state);
  const warmMs = (state.WarmUntilMs ?? 0) - situation.nowMs;
  if (warmMs <= 0) return undefined;
  return { Message: `all requests go to the new set; the old one is kept warm for ${timeWords(warmMs)} more` };
}

function canaryTraffic({
  CanaryWeight,
  IsBlueGreen,
  DesiredCanaries,
  DesiredTotal,
}: DeploymentState): ExplainedTraffic {
  const isSet = IsBlueGreen ?? DesiredCanaries >= DesiredTotal;
  const weight = CanaryWeight ?? (isSet ? 0 : undefined);
  if (weight === undefined) return { Message: 'the canaries get their share of the requests by count' };
  if (!isSet) return { Message: `the canaries get ${weight}% of the requests`, CanaryWeight: weight };
  const share = weight === 0 ? 'no requests' : `${weight}% of the requests`;
  return {
    Message: `blue/green: the new set gets ${share}; its promotion moves all of them in one step`,
    CanaryWeight: weight,
  };
}

function explainInstances(situation: BlockerSituation, group: string): Pick<GroupExplanation, 'Instances' | 'Others'> {
  const found = situation.allocs
    .filter((alloc) => alloc.TaskGroup === group && isThere(alloc, situation.deployment.ID))
    .map((alloc) => ({ alloc, ...findingOf(situation, alloc) }))
    .sort((a, b) => RANK[a.state] - RANK[b.state] || b.alloc.CreateIndex - a.alloc.CreateIndex);
  const others: Partial<Record<InstanceState, number>> = {};
  for (const { state } of found.slice(MOST_INSTANCES)) others[state] = (others[state] ?? 0) + 1;
  const named = found.slice(0, MOST_INSTANCES);
  return { Instances: named.map(({ alloc, state, message }) => explained(alloc, state, message)), Others: others };
}

/** It runs, or it ended and its place is empty. */
const isThere = (alloc: Allocation, deploymentId: string): boolean =>
  !isClientTerminal(alloc) ||
  (alloc.DeploymentID === deploymentId && alloc.DesiredStatus === 'run' && alloc.NextAllocation === '');

const RANK = Object.fromEntries(Object.keys(InstanceStates).map((state, at) => [state, at])) as Record<
  InstanceState,
  number
>;

/** How one instance of the job stands in the deployment. */
export const findingOf = (situation: BlockerSituation, alloc: Allocation): InstanceFinding =>
  instanceState(situationOf(situation, alloc));

export function situationOf(situation: BlockerSituation, alloc: Allocation): InstanceSituation {
  const { deployment, job, evaluations, ingresses = [], nowMs } = situation;
  const followup = alloc.FollowupEvalID === '' ? undefined : evaluations.find(({ ID }) => ID === alloc.FollowupEvalID);
  return {
    alloc,
    deploymentId: deployment.ID,
    group: job && findGroup(job, alloc.TaskGroup),
    ingresses,
    retryAtMs: followup?.WaitUntilMs ?? 0,
    nowMs,
  };
}

function explained(alloc: Allocation, state: InstanceState, message: string): ExplainedInstance {
  return {
    AllocID: alloc.ID,
    Name: alloc.Name,
    NodeName: alloc.NodeName,
    JobVersion: alloc.JobVersion,
    Canary: alloc.DeploymentStatus?.Canary === true,
    State: state,
    Message: message,
  };
}
