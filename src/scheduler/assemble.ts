/** Puts the plan together: what was decided, what became of it, and the words for what is held back. */
import { type Deployment, DeploymentDescriptions, type DeploymentState } from '../model/deployment.ts';
import type { DesiredUpdates } from '../model/plan.ts';
import type { Outcome } from './outcome.ts';
import type { Placer } from './place/placer.ts';
import type { GroupDecision } from './reconcile/decision.ts';
import type { Reconciled } from './reconcile/reconcile.ts';
import type { HeldBack, Plan, ScheduleInput } from './types.ts';

export function assemble(input: ScheduleInput, reconciled: Reconciled, outcome: Outcome, placer: Placer): Plan {
  const { groups, deploymentUpdates } = reconciled;
  const { classes, escaped } = placer.classEligibility();
  const desired = groups.map((group): [string, DesiredUpdates] => [group.group, desiredOf(group, outcome)]);
  return {
    evalId: input.evaluation.ID,
    stops: [...groups.flatMap((group) => group.stops), ...outcome.stops],
    placements: outcome.placements,
    inPlace: groups.flatMap((group) => group.inPlace),
    delayed: groups.flatMap((group) => group.delayed),
    disconnected: groups.flatMap((group) => group.disconnected),
    ...deploymentOf(reconciled),
    deploymentUpdates,
    followups: groups.flatMap((group) => group.followups),
    failedGroups: outcome.failed,
    queued: queuedOf(input, outcome),
    classEligibility: classes,
    escapedComputedClass: escaped,
    desired: Object.fromEntries(desired),
    heldBack: heldBackOf(reconciled, outcome),
  };
}

/** A new deployment is made only where the step has anything for it to do. */
function deploymentOf(reconciled: Reconciled): Pick<Plan, 'deployment' | 'deploymentId'> {
  const { deployment, isNew } = reconciled.course;
  if (!deployment) return { deployment: undefined };
  if (!isNew) return { deployment: undefined, deploymentId: deployment.ID };
  if (!usesDeployment(reconciled, deployment.ID)) return { deployment: undefined };
  return { deployment: withCanaries(deployment, reconciled), deploymentId: deployment.ID };
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
  const starts = new Map(groups.map((group) => [group.group, group.canaryStart]));
  if ([...starts.values()].every((start) => start === undefined)) return deployment;
  const states = Object.entries(deployment.TaskGroups).map(([name, state]): [string, DeploymentState] => [
    name,
    { ...state, ...starts.get(name) },
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
