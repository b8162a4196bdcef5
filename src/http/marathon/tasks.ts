/** /v2/tasks and the tasks of one app: listed, and killed with or without their place in the count. */
import { segmentsOf } from '../../marathon/app-id.ts';
import { allocIdOf, type MarathonTask } from '../../marathon/task-view.ts';
import { MarathonNotFound } from '../../server/marathon/operations.ts';
import { type Answer, json } from '../answer.ts';
import type { Call } from '../route.ts';
import { changed, textList, wantsText } from './answers.ts';
import { idOf } from './apps.ts';
import { flag, forcedBy, objectBody } from './body.ts';
import type { MarathonDeps } from './deps.ts';
import { MarathonRefusal } from './errors.ts';
import type { MarathonRoute } from './route.ts';
import { knownApp, readWorld, tasksOf, type World } from './world.ts';

export const taskRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  { path: '/v2/tasks', GET: (call) => listTasks(deps, call) },
  { path: '/v2/tasks/delete', POST: (call) => deleteTasks(deps, call) },
  { path: '/v2/apps/{id}/tasks/{task}', DELETE: (call) => killTask(deps, call) },
  {
    path: '/v2/apps/{id}/tasks',
    GET: (call) => tasksOfApp(deps, call),
    DELETE: (call) => killTasksOfApp(deps, call),
  },
];

async function listTasks(deps: MarathonDeps, call: Call): Promise<Answer> {
  if (wantsText(call.headers.accept)) return textList(await readWorld(deps, endpointsOfAll));
  const wanted = statusFilter(call);
  const tasks = await readWorld(deps, (world) =>
    appIds(world).flatMap((id) => {
      const { ports } = knownApp(world, id).app;
      return tasksOf(world, id).map((task) => ({ ...task, ...(ports && { servicePorts: ports }) }));
    }),
  );
  return json({ tasks: tasks.filter(wanted) });
}

const appIds = ({ root }: World): string[] => [...root.apps.keys()].sort();

const STATES_OF: Readonly<Record<string, readonly string[]>> = {
  running: ['TASK_RUNNING'],
  staging: ['TASK_STAGING', 'TASK_STARTING'],
};

function statusFilter({ query }: Call): (task: MarathonTask) => boolean {
  const words = [...query.all('status'), ...query.all('status[]')];
  const states = words.flatMap((word) => STATES_OF[word] ?? []);
  return words.length === 0 ? () => true : ({ state }) => states.includes(state);
}

async function tasksOfApp(deps: MarathonDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  if (wantsText(call.headers.accept)) return textList(await readWorld(deps, (world) => endpointsOf(world, id)));
  return json({ tasks: await readWorld(deps, (world) => tasksOf(world, id)) });
}

const endpointsOfAll = (world: World): string[] => appIds(world).flatMap((id) => endpointsOf(world, id));

/** A line for each service port: "shop_web\t10000\t127.0.0.1:31000\t127.0.0.1:31001\t". */
function endpointsOf(world: World, id: string): string[] {
  const { ports = [] } = knownApp(world, id).app;
  const name = segmentsOf(id).join('_');
  const running = tasksOf(world, id).filter(({ state }) => state === 'TASK_RUNNING');
  if (ports.length === 0) return [[name, ' ', ...running.map(({ host }) => host), ''].join('\t')];
  return ports.map((servicePort, at) => {
    const addresses = running.flatMap(({ host, ports: own }) => (own[at] === undefined ? [] : [`${host}:${own[at]}`]));
    return [name, String(servicePort), ...addresses, ''].join('\t');
  });
}

async function killTasksOfApp(deps: MarathonDeps, call: Call): Promise<Answer> {
  const host = call.query.text('host');
  const tasks = await readWorld(deps, (world) => tasksOf(world, idOf(call)));
  return kill(
    deps,
    call,
    tasks.filter((task) => host === undefined || host === '*' || task.host === host),
    (killed) => ({ tasks: killed }),
  );
}

async function killTask(deps: MarathonDeps, call: Call): Promise<Answer> {
  const { task = '' } = call.params;
  const tasks = await readWorld(deps, (world) => tasksOf(world, idOf(call)));
  const found = tasks.filter(({ id }) => id === task);
  if (found.length === 0) throw new MarathonNotFound(`Task '${task}' does not exist`);
  return kill(deps, call, found, ([killed]) => ({ task: killed }));
}

/** Those that are not there any more are passed over: who wants them dead has what he wants. */
async function deleteTasks(deps: MarathonDeps, call: Call): Promise<Answer> {
  const { ids } = objectBody(call);
  if (!Array.isArray(ids)) throw new MarathonRefusal(400, 'Invalid JSON', 'ids must be a list of task ids');
  const wrong = ids.find((id: unknown) => typeof id !== 'string' || allocIdOf(id) === undefined);
  if (wrong !== undefined) throw new MarathonRefusal(400, `Invalid task id '${String(wrong)}'.`);
  const tasks = await readWorld(deps, (world) => appIds(world).flatMap((id) => tasksOf(world, id)));
  return kill(
    deps,
    call,
    tasks.filter(({ id }) => ids.includes(id)),
    (killed) => ({ tasks: killed }),
  );
}

async function kill(
  deps: MarathonDeps,
  call: Call,
  tasks: readonly MarathonTask[],
  answer: (killed: readonly MarathonTask[]) => object,
): Promise<Answer> {
  const scales = flag(call, 'scale', false);
  if (scales && flag(call, 'wipe', false)) {
    throw new MarathonRefusal(400, 'You cannot use scale and wipe at the same time.');
  }
  const allocIds = tasks.flatMap(({ id }) => allocIdOf(id) ?? []);
  if (scales) return changed(await deps.marathon.killAndScale(allocIds, forcedBy(call)));
  for (const id of allocIds) await deps.server.stopAlloc(id);
  return json(answer(tasks));
}
