/** What is wrong with apps and groups together, of what a change brings about: none of it can be seen in one app alone. */
import { isWithin } from './app-id.ts';
import type { FieldProblem } from './problems.ts';
import { dependenciesOf, groupIds, layersOf, type Root } from './root.ts';

export const rootProblems = (from: Root, to: Root): FieldProblem[] => [...sharedIds(from, to), ...circles(from, to)];

/** What was so before stays as it is: else nothing else could be changed either. */
function sharedIds(from: Root, to: Root): FieldProblem[] {
  const before = new Set(idsOfBoth(from));
  return idsOfBoth(to)
    .filter((id) => !before.has(id))
    .map((id) => ({
      path: '/id',
      error: `Groups and Applications may not have the same identifier: '${id}' would be both, give one of them another id`,
    }));
}

const idsOfBoth = (root: Root): string[] => groupIds(root).filter((id) => root.apps.has(id));

function circles(from: Root, to: Root): FieldProblem[] {
  const own = [...to.apps.keys()].filter((id) => needsItself(to, id) && !(from.apps.has(id) && needsItself(from, id)));
  const found = [...own.map((id) => [id, id]), ...(hasCircle(to) ? [circleIn(to)] : [])];
  return found.map((circle) => ({
    path: '/',
    error: `Dependency graph has cyclic dependencies. (${circle.join(' needs ')})`,
  }));
}

/** By its own word, or since a group that it is in needs a group that it is in as well. */
function needsItself({ apps, groups }: Root, id: string): boolean {
  const own = apps.get(id)?.app.dependencies ?? [];
  const ofGroups = [...groups].flatMap(([group, { dependencies }]) => (isWithin(id, group) ? dependencies : []));
  return own.some((wanted) => isWithin(id, wanted)) || ofGroups.some((wanted) => wanted !== id && isWithin(id, wanted));
}

const hasCircle = (root: Root): boolean => layersOf(root, [...root.apps.keys()]) === undefined;

/** ["/a", "/b", "/a"]: each needs the next. There must be one. */
function circleIn(root: Root): string[] {
  const done = new Set<string>();
  const search = (id: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (done.has(id)) return undefined;
    for (const dependency of dependenciesOf(root, id)) {
      const circle = search(dependency, [...path, id]);
      if (circle) return circle;
    }
    done.add(id);
    return undefined;
  };
  for (const id of [...root.apps.keys()].sort()) {
    const circle = search(id, []);
    if (circle) return circle;
  }
  return [];
}
