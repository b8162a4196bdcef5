/** Groups as a tree: of each its apps, the groups in it, and what it needs. */

import { groupOf, isWithin } from './app-id.ts';
import type { AppView } from './app-view.ts';
import { groupIds, type Root } from './root.ts';

export interface GroupView {
  readonly id: string;
  readonly apps?: readonly AppView[];
  readonly groups?: readonly GroupView[];
  readonly pods?: readonly never[];
  readonly dependencies: readonly string[];
  readonly version: string;
}

export interface GroupParts {
  readonly apps: boolean;
  readonly groups: boolean;
  readonly pods: boolean;
}

export const ALL_PARTS: GroupParts = { apps: true, groups: true, pods: true };

export interface GroupViewOptions {
  readonly parts?: GroupParts;
  /** When anything in a group last changed, where somebody knows better than what is in it. */
  readonly versionOf?: (group: string) => string | undefined;
}

/** undefined: there is no such group. */
export function groupView(
  root: Root,
  id: string,
  viewOf: (appId: string) => AppView,
  { parts = ALL_PARTS, versionOf = () => undefined }: GroupViewOptions = {},
): GroupView | undefined {
  const ids = groupIds(root);
  return ids.includes(id) ? build({ root, ids, viewOf, parts, versionOf }, id) : undefined;
}

interface Building {
  readonly root: Root;
  readonly ids: readonly string[];
  readonly viewOf: (appId: string) => AppView;
  readonly parts: GroupParts;
  readonly versionOf: (group: string) => string | undefined;
}

function build(building: Building, id: string): GroupView {
  const { root, ids, viewOf, parts, versionOf } = building;
  const apps = [...root.apps.keys()].filter((app) => groupOf(app) === id).sort();
  const groups = ids.filter((each) => each !== '/' && groupOf(each) === id);
  return {
    id,
    ...(parts.apps && { apps: apps.map(viewOf) }),
    ...(parts.groups && { groups: groups.map((each) => build(building, each)) }),
    ...(parts.pods && { pods: [] }),
    dependencies: root.groups.get(id)?.dependencies ?? [],
    version: versionOf(id) ?? groupVersion(root, id),
  };
}

/** The newest change of anything in it. */
export function groupVersion({ apps, groups }: Root, id: string): string {
  const ofApps = [...apps.values()].filter(({ app }) => isWithin(app.id, id)).map(({ at }) => at.version);
  const ofGroups = [...groups].filter(([group]) => isWithin(group, id)).map(([, { version }]) => version);
  return [...ofApps, ...ofGroups].sort().at(-1) ?? BEGINNING;
}

const BEGINNING = '1970-01-01T00:00:00.000Z';
