/** The share of the requests that canaries get, changed by hand while they wait for their promotion. */
import { SerinError } from '../lib/errors.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import { renderErrors } from '../model/error-tree.ts';
import { awaitsPromotion } from './promotion.ts';

/**
 * The deployment with `percent` (0 to 100) as the weight of the canaries of the groups that are named; of all that have
 * canaries where none is. Refused, with every problem at once, where a group has no canaries that wait.
 */
export function weighted(deployment: Deployment, percent: number, only: readonly string[], nowMs: number): Deployment {
  if (!(percent >= 0 && percent <= 100)) {
    throw new SerinError('badRequest', `Weight must be a percentage between 0 and 100, not ${percent}`);
  }
  const { TaskGroups } = deployment;
  const groups = only.length > 0 ? only : Object.keys(TaskGroups).filter((name) => awaitsPromotion(TaskGroups[name]!));
  refuseOthers(deployment, groups);
  const states = Object.entries(TaskGroups).map(([name, state]): [string, DeploymentState] => [
    name,
    groups.includes(name) ? { ...state, CanaryWeight: percent } : state,
  ]);
  return { ...deployment, TaskGroups: Object.fromEntries(states), ModifyTimeMs: nowMs };
}

function refuseOthers({ TaskGroups, JobVersion }: Deployment, groups: readonly string[]): void {
  if (groups.length === 0) {
    throw new SerinError('refused', 'no canaries wait for their promotion: there is no share to change');
  }
  const problems = groups.flatMap((name) => problemOf(name, TaskGroups, JobVersion) ?? []);
  if (problems.length === 0) return;
  const children = problems.map((message) => ({ message, children: [] }));
  throw new SerinError('refused', renderErrors({ message: '', children }));
}

function problemOf(name: string, states: Deployment['TaskGroups'], version: number): string | undefined {
  const state = states[name];
  if (!state) return `The deployment has no task group "${name}"; it has: ${Object.keys(states).join(', ')}`;
  if (awaitsPromotion(state)) return undefined;
  if (state.DesiredCanaries === 0) return `Task group "${name}" has no canaries`;
  return `Task group "${name}" is promoted: version ${version} has its whole share already`;
}
