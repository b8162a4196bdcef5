/** The versions of an app: those of its job that say one, and what the history knows, newest first. */
import { jobIdOf } from '../../marathon/app-id.ts';
import type { AppState } from '../../marathon/root.ts';
import { DEFAULT_NAMESPACE } from '../../model/job.ts';
import { pastStatesOf } from '../../server/marathon/history.ts';
import { MarathonNotFound } from '../../server/marathon/operations.ts';
import { appStateOf } from '../../server/marathon/root-of.ts';
import type { World } from './world.ts';

/** A step that starts an app with no instance is a version of the job and none of the app: the later one counts. */
export function versionsOf({ tx, root }: Pick<World, 'tx' | 'root'>, id: string): AppState[] {
  const byVersion = new Map<string, AppState>();
  const jobs = tx.jobVersions(DEFAULT_NAMESPACE, jobIdOf(id));
  const states = [root.apps.get(id), ...jobs.map(appStateOf), ...pastStatesOf(tx, id)].filter(
    (state) => state !== undefined,
  );
  for (const state of states) if (!byVersion.has(state.at.version)) byVersion.set(state.at.version, state);
  return [...byVersion.values()].sort((a, b) => (a.at.version < b.at.version ? 1 : -1));
}

export function versionOf(world: Pick<World, 'tx' | 'root'>, id: string, version: string): AppState {
  const state = versionsOf(world, id).find(({ at }) => at.version === version);
  if (!state) throw new MarathonNotFound(`App '${id}' does not exist in version ${version}`);
  return state;
}
