/** Changes of whole groups, from root to root. Pure but for what they throw to refuse. */
import { isDeepStrictEqual } from 'node:util';
import { groupOf, idProblem, isWithin } from '../../marathon/app-id.ts';
import { type FieldProblem, MarathonProblem } from '../../marathon/problems.ts';
import type { GroupInput } from '../../marathon/read-group.ts';
import type { AppState, GroupState, Root } from '../../marathon/root.ts';
import { putApp } from './operations.ts';
import { changedApp } from './versions.ts';

/** What the group names is as it says, and nothing else is there; what it leaves away altogether stays. */
export function putGroup(root: Root, group: GroupInput, version: string): Root {
  const strangers = strangersIn(group, '');
  if (strangers.length > 0) throw new MarathonProblem(422, strangers);
  return putTree(root, group, version);
}

/** Apps and groups whose absolute id leads out of the group that names them: they are another group's. */
function strangersIn({ id, apps = [], groups = [] }: GroupInput, path: string): FieldProblem[] {
  const error = `Identifier is not child of '${id}'. Hint: use relative paths.`;
  const problemAt = (child: string, at: string): FieldProblem[] =>
    child !== id && isWithin(child, id) ? [] : [{ path: `${path}/${at}/id`, error }];
  return [
    ...apps.flatMap((app, at) => problemAt(app.id ?? '/', `apps(${at})`)),
    ...groups.flatMap((group, at) => [
      ...problemAt(group.id, `groups(${at})`),
      ...strangersIn(group, `${path}/groups(${at})`),
    ]),
  ];
}

function putTree(root: Root, group: GroupInput, version: string): Root {
  refuseBadId(group.id);
  let next = withDependencies(root, group, version);
  if (group.apps) next = putAppsOf(next, group, group.apps, version);
  if (group.groups) {
    const named = new Set(group.groups.map(({ id }) => id));
    const gone = [...childGroups(next, group.id)].filter((id) => !named.has(id));
    next = group.groups.reduce((each, child) => putTree(each, child, version), gone.reduce(withoutGroup, next));
  }
  return next;
}

function putAppsOf(root: Root, { id }: GroupInput, inputs: NonNullable<GroupInput['apps']>, version: string): Root {
  const named = new Set(inputs.map((input) => input.id));
  const kept = [...root.apps].filter(([app]) => groupOf(app) !== id || named.has(app));
  const apps = new Map(kept);
  for (const input of inputs) {
    const state = putApp({ ...root, apps }, input, { mode: 'put', isPartial: false, version });
    apps.set(state.app.id, state);
  }
  return { ...root, apps };
}

function withDependencies(root: Root, { id, dependencies }: GroupInput, version: string): Root {
  const before = root.groups.get(id);
  if (before && dependencies === undefined) return root;
  const group = { dependencies: dependencies ?? [], version };
  return { ...root, groups: new Map(root.groups).set(id, group) };
}

function refuseBadId(id: string): void {
  const problem = id === '/' ? undefined : idProblem(id);
  if (problem !== undefined) throw new MarathonProblem(422, [{ path: '/id', error: problem }]);
}

/** Groups directly in this one, whether somebody made them or apps stand in them. */
function childGroups({ apps, groups }: Root, id: string): Set<string> {
  const children = new Set<string>();
  for (let each of [...[...apps.keys()].map(groupOf), ...groups.keys()]) {
    for (; each !== '/'; each = groupOf(each)) if (groupOf(each) === id && each !== id) children.add(each);
  }
  return children;
}

/** Without the group, its groups and their apps. */
export function withoutGroup({ apps, groups }: Root, id: string): Root {
  return {
    apps: new Map([...apps].filter(([app]) => !isWithin(app, id) || app === id)),
    groups: new Map([...groups].filter(([group]) => !isWithin(group, id))),
  };
}

/** Every app in it as many times as large, rounded up. */
export function scaleGroup(root: Root, id: string, factor: number, version: string): Root {
  const states = [...root.apps].map(([app, state]): [string, AppState] => {
    if (!isWithin(app, id)) return [app, state];
    const instances = Math.ceil(state.app.instances * factor);
    return [app, changedApp(state, { ...state.app, instances }, version)];
  });
  return { ...root, apps: new Map(states) };
}

/** The group's apps and groups as they were; those that came later go, those that have gone since come back. */
export function revertGroup(root: Root, id: string, then: Root, version: string): Root {
  const isElsewhere = ([each]: readonly [string, unknown]): boolean => !isWithin(each, id);
  const isInIt = ([each]: readonly [string, unknown]): boolean => isWithin(each, id);
  const apps = [...then.apps]
    .filter(isInIt)
    .map(([app, old]): [string, AppState] => [app, changedApp(root.apps.get(app), old.app, version)]);
  const groups = [...then.groups]
    .filter(isInIt)
    .map(([group, old]): [string, GroupState] => [group, changedGroup(root.groups.get(group), old, version)]);
  return {
    apps: new Map([...[...root.apps].filter(isElsewhere), ...apps]),
    groups: new Map([...[...root.groups].filter(isElsewhere), ...groups]),
  };
}

const changedGroup = (before: GroupState | undefined, { dependencies }: GroupState, version: string): GroupState =>
  before && isDeepStrictEqual(before.dependencies, dependencies) ? before : { dependencies, version };
