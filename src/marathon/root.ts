/** All apps and groups at one time: what a change begins with and what it is to lead to. */
import type { MarathonApp } from './app.ts';
import { groupOf, isWithin } from './app-id.ts';

/** When what of an app last changed: time stamps as Marathon writes them. */
export interface AppVersion {
  /** Unique and increasing for each change of the app. */
  readonly version: string;
  readonly lastScalingAt: string;
  readonly lastConfigChangeAt: string;
}

export interface AppState {
  readonly app: MarathonApp;
  readonly at: AppVersion;
  /** When somebody last asked for a restart: a change although the app says the same. */
  readonly restartedAt?: string;
}

/** What a group says beyond being the beginning of its apps' ids. */
export interface GroupState {
  /** Absolute ids of apps or groups. */
  readonly dependencies: readonly string[];
  readonly version: string;
}

export interface Root {
  /** By id. */
  readonly apps: ReadonlyMap<string, AppState>;
  /** By id; those that only their apps make are missing. */
  readonly groups: ReadonlyMap<string, GroupState>;
}

export const EMPTY_ROOT: Root = { apps: new Map(), groups: new Map() };

/** Every group there is: those that somebody made, those that apps stand in, those above them; "/" always. */
export function groupIds({ apps, groups }: Root): string[] {
  const ids = new Set(['/']);
  for (let id of [...[...apps.keys()].map(groupOf), ...groups.keys()]) {
    for (; !ids.has(id); id = groupOf(id)) ids.add(id);
  }
  return [...ids].sort();
}

/** The apps that must run before this one: its own dependencies and those of its groups, groups by their apps. */
export function dependenciesOf(root: Root, id: string): string[] {
  const own = root.apps.get(id)?.app.dependencies ?? [];
  const inherited = [...root.groups].flatMap(([group, { dependencies }]) => (isWithin(id, group) ? dependencies : []));
  const apps = [...root.apps.keys()];
  const found = [...own, ...inherited].flatMap((wanted) => apps.filter((app) => isWithin(app, wanted)));
  return [...new Set(found)].filter((app) => app !== id);
}

/**
 * The apps in layers: each needs only apps of layers before its own. Undefined where they need each other in a circle.
 */
export function layersOf(root: Root, ids: readonly string[]): string[][] | undefined {
  const layers = new Map<string, number>();
  const layerOf = (id: string, path: readonly string[]): number | undefined => {
    if (path.includes(id)) return undefined;
    const known = layers.get(id);
    if (known !== undefined) return known;
    let layer = 0;
    for (const dependency of dependenciesOf(root, id)) {
      const below = layerOf(dependency, [...path, id]);
      if (below === undefined) return undefined;
      layer = Math.max(layer, below + 1);
    }
    layers.set(id, layer);
    return layer;
  };
  const byLayer = new Map<number, string[]>();
  for (const id of ids.toSorted()) {
    const layer = layerOf(id, []);
    if (layer === undefined) return undefined;
    byLayer.set(layer, [...(byLayer.get(layer) ?? []), id]);
  }
  return [...byLayer].sort(([a], [b]) => a - b).map(([, apps]) => apps);
}
