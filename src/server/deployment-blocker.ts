/**
 * What a deployment that has not ended waits for, in one typed reason and one sentence. It answers the question of
 * three in the morning, so every rule names the thing, not the mechanism.
 */

import { shortId } from '../lib/ids.ts';
import type { Allocation } from '../model/allocation.ts';
import { isClientTerminal } from '../model/allocation.ts';
import type { Deployment, DeploymentBlocker, DeploymentState } from '../model/deployment.ts';
import { isDeploymentActive } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { IngressReport } from '../model/ingress.ts';
import { ingressServices } from '../model/ingress-services.ts';
import { findGroup, type Job } from '../model/job.ts';
import { MILLISECOND, ZERO_TIME } from '../model/nanos.ts';
import { instanceTrouble } from './instance-trouble.ts';

export interface BlockerSituation {
  readonly deployment: Deployment;
  readonly job: Job | undefined;
  /** All allocations of the job. */
  readonly allocs: readonly Allocation[];
  readonly evaluations: readonly Evaluation[];
  /** What the ingresses complain about; nothing where it is not known. */
  readonly ingresses?: readonly Pick<IngressReport, 'Name' | 'Problems'>[];
  readonly nowMs: number;
}

/** In this order: who could act first is named first. */
const RULES: readonly ((situation: BlockerSituation) => DeploymentBlocker | undefined)[] = [
  waitsForPerson,
  waitsForCapacity,
  waitsForLoadBalancer,
  waitsForHealth,
  waitsForRetry,
  waitsForInterval,
  waitsForNothing,
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

function waitsForPerson({ deployment }: BlockerSituation): DeploymentBlocker | undefined {
  if (deployment.Status === 'paused') {
    return { Reason: 'person', Message: `paused; go on with: serin deployment resume ${shortId(deployment.ID)}` };
  }
  const waiting = Object.entries(deployment.TaskGroups).find(([, state]) => needsPromotion(state));
  if (!waiting) return undefined;
  return {
    Reason: 'person',
    Message: `the canaries of group "${waiting[0]}" are healthy and wait to be promoted: serin deployment promote ${shortId(deployment.ID)}`,
  };
}

function waitsForCapacity({ deployment, evaluations }: BlockerSituation): DeploymentBlocker | undefined {
  const blocked = evaluations.find((evaluation) => evaluation.Status === 'blocked');
  const cause = blocked && evaluations.find((evaluation) => evaluation.BlockedEval === blocked.ID);
  if (!cause?.QueuedAllocations) return undefined;
  const groups = Object.entries(cause.QueuedAllocations).filter(([, count]) => count > 0);
  if (groups.length === 0) return undefined;
  const words = groups.map(([name, count]) => `${count} of group "${name}"`).join(', ');
  return {
    Reason: 'capacity',
    Message: `no node has room for ${words}; see: serin eval status ${shortId(cause.ID)}`,
    ...untilDeadline(deployment),
  };
}

function waitsForLoadBalancer(situation: BlockerSituation): DeploymentBlocker | undefined {
  const { deployment, job, allocs } = situation;
  const owing = allocs.find((alloc) => !isClientTerminal(alloc) && isOwed(alloc));
  if (!owing?.Traffic) return undefined;
  const who = owing.Traffic.Owing.join(', ');
  const what = owing.DesiredStatus === 'run' ? 'to take instance' : 'to finish what is in flight to instance';
  const version = job ? ` (version ${owing.JobVersion})` : '';
  const why = ingressTrouble(situation, owing);
  return {
    Reason: 'load-balancer',
    Message: `ingress ${who} has yet ${what} ${shortId(owing.ID)}${version}${why ? `: it ${why}` : ''}`,
    ...untilDeadline(deployment),
  };
}

/** The first complaint of an owing ingress about a port that the instance's services come in by. */
function ingressTrouble({ job, ingresses = [] }: BlockerSituation, owing: Allocation): string | undefined {
  const group = job && findGroup(job, owing.TaskGroup);
  if (!group) return undefined;
  const ports = ingressServices(group).flatMap((service) => (service.Ingress ?? []).map(({ Listen }) => Listen));
  return ingresses
    .filter(({ Name }) => owing.Traffic?.Owing.includes(Name))
    .flatMap(({ Problems = [] }) => Problems)
    .find(({ Listen }) => ports.includes(Listen))?.Message;
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
  return {
    Reason: 'health',
    Message: `instance ${shortId(named.ID)}${others} ${mustBeHealthy(situation, named)}${trouble ? `: ${trouble}` : ''}`,
    ...untilDeadline(deployment),
  };
}

/** One that was judged unhealthy stays so: another takes its place, or the deployment's deadline ends the wait. */
function mustBeHealthy({ job }: BlockerSituation, { TaskGroup, DeploymentStatus }: Allocation): string {
  if (DeploymentStatus?.Healthy === false) return 'did not become healthy in time';
  const nanos = (job && findGroup(job, TaskGroup)?.Update?.MinHealthyTime) ?? 0;
  return `must be healthy${nanos > 0 ? ` for ${seconds(nanos / MILLISECOND)}` : ''}`;
}

/** One that failed is followed by another after its reschedule delay, or by none: then the deadline ends the wait. */
function waitsForRetry({ deployment, allocs, evaluations, nowMs }: BlockerSituation): DeploymentBlocker | undefined {
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
  const next = untilMs > nowMs ? `another is placed ${seconds(untilMs - nowMs)} from now` : 'another is being placed';
  return {
    Reason: 'retry',
    Message: `instance ${shortId(failed.ID)} ${how}; ${next}`,
    ...(untilMs > nowMs ? { UntilMs: untilMs } : untilDeadline(deployment)),
  };
}

function waitsForInterval({ deployment, job, nowMs }: BlockerSituation): DeploymentBlocker | undefined {
  for (const [name, state] of Object.entries(deployment.TaskGroups)) {
    const interval = (job && findGroup(job, name)?.Update?.BatchInterval) ?? 0;
    const untilMs = (state.LastBatchMs ?? 0) + interval / MILLISECOND;
    if (interval === 0 || untilMs <= nowMs || state.HealthyAllocs >= state.DesiredTotal) continue;
    return {
      Reason: 'interval',
      Message: `the next batch of group "${name}" starts ${seconds(untilMs - nowMs)} from now (stagger)`,
      UntilMs: untilMs,
    };
  }
  return undefined;
}

function waitsForNothing({ deployment }: BlockerSituation): DeploymentBlocker | undefined {
  const isComplete = Object.values(deployment.TaskGroups).every((state) => state.HealthyAllocs >= state.DesiredTotal);
  return isComplete ? { Reason: 'scheduler', Message: 'every instance is healthy; it is about to end' } : undefined;
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10}s`;

const isOwed = ({ DesiredStatus, Traffic, Services }: Allocation): boolean =>
  Traffic !== undefined &&
  Traffic.Owing.length > 0 &&
  (DesiredStatus === 'run'
    ? !Traffic.Ready && (Services ?? []).some((service) => service.Status === 'passing')
    : !Traffic.Drained);

function needsPromotion(state: DeploymentState): boolean {
  return (
    state.DesiredCanaries > 0 && !state.Promoted && !state.AutoPromote && state.HealthyAllocs >= state.DesiredCanaries
  );
}

/** The timer that ends the wait whatever happens: the nearest progress deadline. */
function untilDeadline(deployment: Deployment): { readonly UntilMs?: number } {
  const deadlines = Object.values(deployment.TaskGroups)
    .filter((state) => state.RequireProgressBy !== ZERO_TIME && state.HealthyAllocs < state.DesiredTotal)
    .map((state) => Date.parse(state.RequireProgressBy));
  return deadlines.length > 0 ? { UntilMs: Math.min(...deadlines) } : {};
}
