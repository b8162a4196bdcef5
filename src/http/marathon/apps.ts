/** /v2/apps: reading and changing apps, one or several at once. */
import { isWithin, toPath } from '../../marathon/app-id.ts';
import type { AppInput } from '../../marathon/app-schema.ts';
import { type AppView, type Embeds, embedsOf, newAppView } from '../../marathon/app-view.ts';
import { parseLabelSelector } from '../../marathon/label-selector.ts';
import { type FieldProblem, MarathonProblem } from '../../marathon/problems.ts';
import type { AppState } from '../../marathon/root.ts';
import type { PutOptions } from '../../server/marathon/operations.ts';
import { changedApp } from '../../server/marathon/versions.ts';
import { type Answer, json } from '../answer.ts';
import type { Call } from '../route.ts';
import { changed, deploymentHeader, versionText } from './answers.ts';
import { flag, forcedBy, isObject, type JsonObject, jsonBody, objectBody, readInput } from './body.ts';
import type { MarathonDeps } from './deps.ts';
import { MarathonRefusal } from './errors.ts';
import type { MarathonRoute } from './route.ts';
import { versionOf } from './versions.ts';
import { knownApp, readWorld, viewOfApp, type World } from './world.ts';

export const appRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  {
    path: '/v2/apps',
    GET: (call) => listApps(deps, call),
    POST: (call) => createApp(deps, call),
    PUT: (call) => putApps(deps, call, 'put'),
    PATCH: (call) => putApps(deps, call, 'update'),
  },
];

/** Behind everything that has a suffix. */
export const appByIdRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  { path: '/v2/apps/{id}/restart', POST: (call) => restartApp(deps, call) },
  { path: '/v2/apps/{id}/*', GET: (call) => appsOfGroup(deps, call, toPath(call.params.id ?? '')) },
  { path: '/v2/apps/*', GET: (call) => appsOfGroup(deps, call, '/') },
  {
    path: '/v2/apps/{id}',
    GET: (call) => showApp(deps, call),
    PUT: (call) => putApp(deps, call, 'put'),
    PATCH: (call) => putApp(deps, call, 'update'),
    DELETE: (call) => removeApp(deps, call),
  },
];

export const idOf = (call: Call): string => toPath(call.params.id ?? '');

const LISTED = ['counts', 'deployments'] as const;
const SHOWN = ['tasks', 'counts', 'deployments', 'lastTaskFailure'] as const;

async function listApps(deps: MarathonDeps, call: Call): Promise<Answer> {
  const wanted = filterOf(call);
  const embeds = embedsIn(call, LISTED);
  return json({ apps: await readWorld(deps, (world) => viewsOf(world, embeds, wanted)) });
}

async function appsOfGroup(deps: MarathonDeps, call: Call, group: string): Promise<Answer> {
  const isIn = ({ app }: AppState) => group === '/' || (app.id !== group && isWithin(app.id, group));
  return json({ '*': await readWorld(deps, (world) => viewsOf(world, embedsIn(call, LISTED), isIn)) });
}

const viewsOf = (world: World, embeds: Embeds, wanted: (state: AppState) => boolean): AppView[] =>
  [...world.root.apps.values()]
    .filter(wanted)
    .map(({ app }) => app.id)
    .sort()
    .map((id) => viewOfApp(world, id, embeds));

const embedsIn = ({ query }: Call, always: Parameters<typeof embedsOf>[1]): Embeds =>
  embedsOf([...query.all('embed'), ...query.all('embed[]')], always);

function filterOf({ query }: Call): (state: AppState) => boolean {
  const holds = (text: string | undefined, part: string | undefined) =>
    part === undefined || (text ?? '').toLowerCase().includes(part.toLowerCase());
  const selectors = query.all('label').map((text) => {
    const selector = parseLabelSelector(text);
    if (!selector)
      throw new MarathonRefusal(
        422,
        `Label selector '${text}' cannot be read: write key, key==value, key!=value, key in (a, b) or key notin (a, b)`,
      );
    return selector;
  });
  return ({ app }) =>
    holds(app.id, query.text('id')) &&
    holds(app.cmd ?? undefined, query.text('cmd')) &&
    selectors.every((selector) => selector(app.labels));
}

async function showApp(deps: MarathonDeps, call: Call): Promise<Answer> {
  const app = await readWorld(deps, (world) => viewOfApp(world, idOf(call), embedsIn(call, SHOWN)));
  return json({ app });
}

const MISSING_ID: FieldProblem = { path: '/id', error: 'error.path.missing' };

async function createApp(deps: MarathonDeps, call: Call): Promise<Answer> {
  const body = objectBody(call);
  const missing = (body.id ?? undefined) === undefined ? [MISSING_ID] : [];
  const input = readInput(deps, body, missing);
  const result = await deps.marathon.putApps([input], {
    mode: 'create',
    isPartial: false,
    ...forcedBy(call),
  });
  const app = result.root.apps.get(toPath(input.id ?? ''))!;
  const headers = { ...deploymentHeader(result.deploymentId), Location: locationOf(deps, call, app.app.id) };
  return { ...json(newAppView(app, result.deploymentId), headers), status: 201 };
}

/** Where the one who asks can read it, by the name that it was asked under. */
const locationOf = ({ tls, address }: MarathonDeps, { headers }: Call, id: string): string =>
  `http${tls ? 's' : ''}://${headers.host ?? address}/v2/apps${id}`;

async function putApps(deps: MarathonDeps, call: Call, mode: PutOptions['mode']): Promise<Answer> {
  const body = jsonBody(call);
  if (!Array.isArray(body)) throw new MarathonProblem(400, [{ path: '/', error: 'error.expected.jsarray' }]);
  const inputs = body.map((each: unknown) => readInput(deps, each));
  return changed(await deps.marathon.putApps(inputs, putOptions(call, mode)));
}

const putOptions = (call: Call, mode: PutOptions['mode']): PutOptions => ({
  mode,
  isPartial: mode === 'update' || flag(call, 'partialUpdate', true),
  ...forcedBy(call),
});

async function putApp(deps: MarathonDeps, call: Call, mode: PutOptions['mode']): Promise<Answer> {
  const body = objectBody(call);
  const id = idOf(call);
  if (isRollback(body)) return rollBack(deps, call, id, versionText(String(body.version)));
  const existed = await readWorld(deps, ({ root }) => root.apps.has(id));
  const input: AppInput = { ...readInput(deps, body), id };
  const result = await deps.marathon.putApps([input], putOptions(call, mode));
  const answer = changed(result, existed ? 200 : 201);
  return existed ? answer : { ...answer, headers: { ...answer.headers, Location: locationOf(deps, call, id) } };
}

/** A version alone leads back to it. One that comes with everything else is an answer of ours that is sent back. */
function isRollback(body: JsonObject): boolean {
  if (body.version === undefined || body.version === null || isObject(body.versionInfo)) return false;
  const others = Object.keys(body).filter((key) => key !== 'id' && key !== 'version');
  if (others.length === 0) return true;
  throw new MarathonProblem(422, [
    { path: '/', error: "The 'version' field may only be combined with the 'id' field." },
  ]);
}

async function rollBack(deps: MarathonDeps, call: Call, id: string, version: string): Promise<Answer> {
  const old = await readWorld(deps, (world) => {
    knownApp(world, id);
    return versionOf(world, id, version);
  });
  const result = await deps.marathon.change({
    ...forcedBy(call),
    make: (root, now) => ({
      ...root,
      apps: new Map(root.apps).set(id, changedApp(knownApp({ root }, id), old.app, now)),
    }),
  });
  return changed(result);
}

async function restartApp(deps: MarathonDeps, call: Call): Promise<Answer> {
  return changed(await deps.marathon.restartApp(idOf(call), forcedBy(call)));
}

async function removeApp(deps: MarathonDeps, call: Call): Promise<Answer> {
  return changed(await deps.marathon.removeApp(idOf(call), forcedBy(call, true)));
}
