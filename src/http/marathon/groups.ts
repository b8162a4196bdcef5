/** /v2/groups: the tree of groups, and changes of all that is in one at once. */
import { resolveId, toPath } from '../../marathon/app-id.ts';
import { appOf, embedsOf } from '../../marathon/app-view.ts';
import { ALL_PARTS, type GroupParts, groupView } from '../../marathon/group-view.ts';
import { MarathonProblem } from '../../marathon/problems.ts';
import { parseGroup } from '../../marathon/read-group.ts';
import { groupIds, type Root } from '../../marathon/root.ts';
import { putGroup, revertGroup, scaleGroup, withoutGroup } from '../../server/marathon/groups.ts';
import { lastChangeIn } from '../../server/marathon/history.ts';
import { MarathonConflict, MarathonNotFound } from '../../server/marathon/operations.ts';
import { type Answer, json } from '../answer.ts';
import type { Call } from '../route.ts';
import { changed, versionText } from './answers.ts';
import { flag, forcedBy, type JsonObject, objectBody } from './body.ts';
import type { MarathonDeps } from './deps.ts';
import { groupVersions, shownAt, targetAt } from './group-versions.ts';
import type { MarathonHandler, MarathonRoute } from './route.ts';
import { readWorld, viewOfApp, type World } from './world.ts';

/** Suffixes before ids: the root group has them, too. */
export const groupRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => {
  const bound =
    (handler: (deps: MarathonDeps, call: Call) => Promise<Answer>): MarathonHandler =>
    (call) =>
      handler(deps, call);
  const at = (suffix: string, methods: Omit<MarathonRoute, 'path'>): MarathonRoute[] =>
    ['/v2/groups/{id}', '/v2/groups'].map((path) => ({ path: `${path}${suffix}`, ...methods }));
  return [
    ...at('/versions/{version}', { GET: bound(showVersion) }),
    ...at('/versions', { GET: bound(listVersions) }),
    ...at('/apps', { GET: bound(listApps) }),
    ...at('', {
      GET: bound(showGroup),
      POST: bound(createGroup),
      PUT: bound(changeGroup),
      DELETE: bound(removeGroup),
    }),
  ];
};

const idOf = (call: Call): string => toPath(call.params.id ?? '');

function refuseUnknown(root: Root, id: string): void {
  if (!groupIds(root).includes(id)) throw new MarathonNotFound(`Group '${id}' does not exist`);
}

const known = <T>(deps: MarathonDeps, id: string, read: (world: World) => T): Promise<T> =>
  readWorld(deps, (world) => {
    refuseUnknown(world.root, id);
    return read(world);
  });

async function showGroup(deps: MarathonDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  const names = call.query.all('embed');
  const embeds = embedsOf(names);
  return json(
    await known(deps, id, (world) => {
      const viewOf = (app: string) => viewOfApp(world, app, embeds);
      return groupView(world.root, id, viewOf, { parts: partsOf(names), versionOf: lastChangeIn(world.tx) });
    }),
  );
}

/** Everything, unless it is said which. */
function partsOf(names: readonly string[]): GroupParts {
  const parts = names.flatMap((name) => /^group\.(apps|groups|pods)\b/.exec(name)?.[1] ?? []);
  if (parts.length === 0) return ALL_PARTS;
  return { apps: parts.includes('apps'), groups: parts.includes('groups'), pods: parts.includes('pods') };
}

async function listVersions(deps: MarathonDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  return json(await readWorld(deps, (world) => groupVersions(world, id)));
}

async function showVersion(deps: MarathonDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  const version = versionText(call.params.version ?? '');
  return json(
    await readWorld(deps, (world) => {
      const root = shownAt(world, id, version);
      return { ...groupView(root, id, (app) => appOf(root.apps.get(app)!)), version };
    }),
  );
}

async function listApps(deps: MarathonDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  const embeds = embedsOf(call.query.all('embed'));
  return json(
    await known(deps, id, (world) => groupView(world.root, id, (app) => viewOfApp(world, app, embeds))?.apps ?? []),
  );
}

async function createGroup(deps: MarathonDeps, call: Call): Promise<Answer> {
  const { group, warnings } = parseGroup(objectBody(call), idOf(call));
  hear(deps, warnings);
  const result = await deps.marathon.change({
    ...forcedBy(call),
    make: (root, version) => {
      if (groupIds(root).includes(group.id)) {
        throw new MarathonConflict(`Group ${group.id} is already created. Use PUT to change this group.`);
      }
      return putGroup(root, group, version);
    },
  });
  return changed(result, 201);
}

async function changeGroup(deps: MarathonDeps, call: Call): Promise<Answer> {
  const body = objectBody(call);
  const make = await changeOf(deps, call, body);
  if (flag(call, 'dryRun', false)) return json({ steps: deps.marathon.planChange({ make }) });
  return changed(await deps.marathon.change({ ...forcedBy(call), make }));
}

/** One of three: a factor, a time to lead back to, or the group as it is to be. */
async function changeOf(
  deps: MarathonDeps,
  call: Call,
  body: JsonObject,
): Promise<(root: Root, version: string) => Root> {
  const { scaleBy, version } = body;
  const inUrl = idOf(call);
  const id = typeof body.id === 'string' ? resolveId(body.id, inUrl) : inUrl;
  if (typeof scaleBy === 'number') return scaling(id, scaleBy);
  if ((scaleBy ?? null) !== null)
    throw new MarathonProblem(400, [{ path: '/scaleBy', error: 'error.expected.jsnumber' }]);
  if (typeof version === 'string' && body.apps === undefined && body.groups === undefined) {
    const then = await readWorld(deps, (world) => targetAt(world, id, versionText(version)));
    return (root, now) => revertGroup(root, id, then, now);
  }
  // What the path names is the group itself, whatever its relative id in the body.
  const { group, warnings } = parseGroup({ ...body, id: inUrl === '/' ? id : inUrl }, '/');
  hear(deps, warnings);
  return (root, now) => putGroup(root, group, now);
}

function scaling(id: string, factor: number): (root: Root, version: string) => Root {
  if (!(factor >= 0))
    throw new MarathonProblem(422, [{ path: '/scaleBy', error: `got ${factor}, expected 0 or more` }]);
  return (root, version) => {
    refuseUnknown(root, id);
    return scaleGroup(root, id, factor, version);
  };
}

async function removeGroup(deps: MarathonDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  const result = await deps.marathon.change({
    ...forcedBy(call),
    make: (root) => {
      refuseUnknown(root, id);
      return withoutGroup(root, id);
    },
  });
  return changed(result);
}

function hear({ log }: MarathonDeps, warnings: readonly string[]): void {
  if (warnings.length > 0) log.warn({ warnings }, 'parts of a group do nothing');
}
