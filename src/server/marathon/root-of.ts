/** The apps and groups as they stand in the state, and as the deployments under way will leave them. */
import type { MarathonApp } from '../../marathon/app.ts';
import { appIdOf } from '../../marathon/app-id.ts';
import type { AppState, Root } from '../../marathon/root.ts';
import type { Job } from '../../model/job.ts';
import type { ReadTx } from '../../state/types.ts';
import { groupsOf, type MarathonDeployment, runningDeployments } from './rows.ts';

/** undefined: an ordinary job. */
export function appStateOf({ ID, Marathon, TaskGroups, Stop }: Job): AppState | undefined {
  if (!Marathon || Stop) return undefined;
  const { App, Version, LastScalingAt, LastConfigChangeAt, RestartedAt } = Marathon;
  const app = { ...App, id: appIdOf(ID), instances: TaskGroups[0]?.Count ?? 0 } as unknown as MarathonApp;
  return {
    app,
    at: { version: Version, lastScalingAt: LastScalingAt, lastConfigChangeAt: LastConfigChangeAt },
    ...(RestartedAt !== undefined && { restartedAt: RestartedAt }),
  };
}

/** As the jobs are now; what a deployment has yet to do is missing. */
export function appliedRoot(tx: ReadTx): Root {
  const states = [...tx.jobs()].flatMap((job) => appStateOf(job) ?? []);
  return {
    apps: new Map(states.map((state) => [state.app.id, state])),
    groups: new Map(Object.entries(groupsOf(tx))),
  };
}

/** As everybody sees it: what a deployment is to reach counts from its beginning on. */
export const rootOf = (tx: ReadTx): Root => withTargets(appliedRoot(tx), runningDeployments(tx));

export const withTargets = ({ apps, groups }: Root, deployments: readonly MarathonDeployment[]): Root => ({
  apps: deployments.reduce((all, { Targets }) => replaced(all, Targets), apps),
  groups,
});

/** As it was before the deployment, in what that one touches, and only there. */
export const withOriginals = (
  { apps, groups }: Root,
  { Originals, OriginalGroups = {} }: Pick<MarathonDeployment, 'Originals' | 'OriginalGroups'>,
): Root => ({ apps: replaced(apps, Originals), groups: replaced(groups, OriginalGroups) });

function replaced<T>(all: ReadonlyMap<string, T>, changes: Readonly<Record<string, T | null>>): ReadonlyMap<string, T> {
  const result = new Map(all);
  for (const [id, state] of Object.entries(changes)) {
    if (state === null) result.delete(id);
    else result.set(id, state);
  }
  return result;
}
