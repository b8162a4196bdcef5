/** What a group was at a time: each of its apps by its own versions. */
import { isWithin, jobIdOf } from '../../marathon/app-id.ts';
import type { AppState, Root } from '../../marathon/root.ts';
import { DEFAULT_NAMESPACE } from '../../model/job.ts';
import { MarathonRefusal } from './errors.ts';
import { versionsOf } from './versions.ts';
import type { World } from './world.ts';

/** Every time at which something in it changed, newest first. */
export function groupVersions(world: World, id: string): string[] {
  const ofApps = appsIn(world, id).flatMap((app) => versionsOf(world, app).map(({ at }) => at.version));
  const ofGroups = [...world.root.groups].filter(([group]) => isWithin(group, id)).map(([, { version }]) => version);
  return [...new Set([...ofApps, ...ofGroups])].sort().reverse();
}

/** The group's apps as they were then. Refused where an app has older versions that are forgotten. */
export function appsAt(world: World, id: string, version: string): AppState[] {
  return appsIn(world, id).flatMap((app) => {
    const versions = versionsOf(world, app);
    const then = versions.find(({ at }) => at.version <= version);
    if (then) return [then];
    const jobs = world.tx.jobVersions(DEFAULT_NAMESPACE, jobIdOf(app));
    // The first of all is still known: before it there was no such app.
    if (jobs.at(-1)?.Version === 0) return [];
    const oldest = versions.at(-1)?.at.version ?? 'none';
    throw new MarathonRefusal(422, `What '${app}' was at ${version} is forgotten: its oldest version is ${oldest}`);
  });
}

export function rootAt(world: World, id: string, version: string): Root {
  const apps = appsAt(world, id, version);
  return { apps: new Map(apps.map((state) => [state.app.id, state])), groups: world.root.groups };
}

const appsIn = ({ root }: World, id: string): string[] => [...root.apps.keys()].filter((app) => isWithin(app, id));
