/** What real clients asked a Marathon, asked here; the answers have the same statuses and the same keys. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { closeAll, type MarathonRig, marathonRig } from './fixture.ts';

afterEach(closeAll);

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  /** Paths of keys in the answer; absent where another of the same request has more. */
  readonly keys?: readonly string[];
}

const asked = (name: string): Asked[] =>
  JSON.parse(readFileSync(new URL(`../../../testdata/marathon/requests/${name}.json`, import.meta.url), 'utf8'));

/** "apps[].tasks[].id" for every key, however deep; what users name themselves is one key. */
function keyPaths(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => keyPaths(each, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return key === 'env' || key === 'labels' ? [here] : [here, ...keyPaths(each, here)];
  });
}

/** By request: the keys of all answers together, since what is under way differs from moment to moment. */
class Keys {
  readonly #byRequest = new Map<string, { readonly theirs: Set<string>; readonly ours: Set<string> }>();

  add({ method, path, keys }: Asked, ours: unknown): void {
    const request = `${method} ${path}`;
    const known = this.#byRequest.get(request) ?? { theirs: new Set(), ours: new Set() };
    for (const key of keys ?? []) known.theirs.add(key);
    for (const key of keyPaths(ours)) known.ours.add(key);
    this.#byRequest.set(request, known);
  }

  /** "GET /v2/apps: apps[].id" for each key that only one side has. */
  differences(): { readonly missing: string[]; readonly ours: string[] } {
    const all = [...this.#byRequest].map(([request, { theirs, ours }]) => ({ request, theirs, ours }));
    const only = (a: 'theirs' | 'ours', b: 'theirs' | 'ours') =>
      all.flatMap((each) => [...each[a]].filter((key) => !each[b].has(key)).map((key) => `${each.request}: ${key}`));
    return { missing: only('theirs', 'ours').sort(), ours: only('ours', 'theirs').sort() };
  }
}

/** Ids of tasks are ours: each that a request names is the next of the app's that are there. */
async function withTasks({ get }: MarathonRig, { path, body }: Asked): Promise<unknown> {
  const { ids } = (body ?? {}) as { readonly ids?: readonly string[] };
  if (!path.startsWith('/v2/tasks/delete') || !ids) return body;
  const name = ids[0]!.replace(/\.[^.]*$/, '');
  const { tasks } = (await get('/v2/tasks')).json as { tasks: { id: string }[] };
  const own = tasks.map(({ id }) => id).filter((id) => id.startsWith(`${name}.`));
  return { ids: own.slice(0, ids.length) };
}

async function replay(name: string, statusOf: (row: Asked) => number) {
  const rig = await marathonRig();
  const keys = new Keys();
  const statuses: string[] = [];
  for (const [at, row] of asked(name).entries()) {
    const ask = async () => {
      const reply = await rig.call(row.method, row.path, await withTasks(rig, row));
      // Of groups the stand-in that answered then knew the root alone.
      if (reply.status === row.status && !row.path.startsWith('/v2/groups')) keys.add(row, reply.json);
      return reply;
    };
    // What is read is read twice: while a deployment is under way, and when it has ended.
    if (row.method === 'GET') await ask();
    await rig.finish();
    const { status, body } = await ask();
    if (status !== statusOf(row)) statuses.push(`${at + 1} ${row.method} ${row.path}: ${status} ${body}`);
  }
  return { statuses, ...keys.differences() };
}

/** Whether an answer has one depends on the moment. */
const isUnderWay = (key: string): boolean => key.endsWith('deployments[].id');
/** Known keys that the answers of then happen not to have. */
const isKnown = (key: string): boolean => isUnderWay(key) || /marathon_config\.(hostname|local_port_m)/.test(key);

it('a round of the command line of DC/OS', async () => {
  const statusOf = ({ path, body, status }: Asked): number => {
    // The client took JSON for a URL; the stand-in that answered then did not look at types.
    if (typeof (body as { env?: unknown } | undefined)?.env === 'string') return 400;
    // It knew no groups, and its app was locked still.
    if (path === '/v2/groups/demo') return 200;
    return status === 409 ? 200 : status;
  };
  const { statuses, missing, ours } = await replay('dcos-cli', statusOf);
  expect(statuses).toEqual([]);
  expect(missing.filter((key) => !isUnderWay(key))).toEqual([]);
  expect(ours.filter((key) => !isKnown(key))).toEqual([]);
});

it('a blue/green deployment by zdd.py', async () => {
  const { statuses, missing, ours } = await replay('zdd-and-marathon-lb', ({ status }) => status);
  expect(statuses).toEqual([]);
  expect(missing.filter((key) => !isUnderWay(key))).toEqual([]);
  expect(ours.filter((key) => !isKnown(key))).toEqual([]);
});
