/** Tasks, the queue and figures over HTTP. */
import { afterEach, expect, it } from 'vitest';
import type { TaskState } from '../../model/allocation.ts';
import { alloc } from '../../state/fixtures.ts';
import { closeAll, type MarathonRig, marathonRig } from './fixture.ts';
import { messageOf } from './world.ts';

afterEach(closeAll);

const CHECK = { protocol: 'HTTP', path: '/', portIndex: 0 };
const WEB = { id: '/demo/web', cmd: 'serve', cpus: 0.1, instances: 3, ports: [0, 0], healthChecks: [CHECK] };

async function running(): Promise<MarathonRig> {
  const rig = await marathonRig();
  await rig.call('POST', '/v2/apps', WEB);
  await rig.finish();
  return rig;
}

const idsOf = (tasks: readonly { readonly id: string }[]): string[] => tasks.map(({ id }) => id);

it('tasks have no result of a health check before the first, and say their ports by index', async () => {
  const { call, get, finish } = await marathonRig();
  await call('POST', '/v2/apps', WEB);
  const [staging] = (await get('/v2/tasks')).json.tasks;
  expect(staging).toMatchObject({ state: 'TASK_STAGING', startedAt: null, appId: '/demo/web' });
  expect(staging).not.toHaveProperty('healthCheckResults');
  expect((await get('/v2/apps/demo/web')).json.app).toMatchObject({ tasksStaged: 3, tasksHealthy: 0 });
  expect((await get('/v2/tasks?status=running')).json.tasks).toEqual([]);
  expect((await get('/v2/tasks?status[]=staging')).json.tasks).toHaveLength(3);
  await finish();
  const [task] = (await get('/v2/tasks')).json.tasks;
  expect(task).toMatchObject({
    state: 'TASK_RUNNING',
    servicePorts: [10_000, 10_001],
    ipAddresses: [{ ipAddress: '127.0.0.1', protocol: 'IPv4' }],
    healthCheckResults: [{ alive: true, consecutiveFailures: 0, lastFailure: null, instanceId: task.id }],
  });
  expect(task.ports).toHaveLength(2);
  expect((await get('/v2/apps/demo/web')).json.app).toMatchObject({ tasksRunning: 3, tasksHealthy: 3 });
  const text = await call('GET', '/v2/tasks', undefined, { accept: 'text/plain' });
  expect(text.body).toMatch(/^demo_web\t10000\t(127\.0\.0\.1:\d+\t){3}\ndemo_web\t10001\t(127\.0\.0\.1:\d+\t){3}\n$/);
});

it('a killed task is replaced, unless it takes its place in the count with it', async () => {
  const { call, get, finish, obey, world } = await running();
  const [first, second, third] = idsOf((await get('/v2/apps/demo/web/tasks')).json.tasks);
  const killed = await call('POST', '/v2/tasks/delete', {
    ids: [first, 'demo_web.00000000-0000-0000-0000-000000000000'],
  });
  expect(idsOf(killed.json.tasks)).toEqual([first]);
  for (let round = 0; round < 10; round++) {
    await world.clock.advance(1000);
    await obey();
  }
  const replaced = idsOf((await get('/v2/apps/demo/web/tasks')).json.tasks);
  expect(replaced).toHaveLength(3);
  expect(replaced).not.toContain(first);
  const scaled = await call('POST', '/v2/tasks/delete?scale=True', { ids: [second] });
  expect(Object.keys(scaled.json)).toEqual(['version', 'deploymentId']);
  expect((await get('/v2/apps/demo/web')).json.app.instances).toBe(2);
  await finish();
  const left = idsOf((await get('/v2/apps/demo/web/tasks')).json.tasks);
  expect(left).toEqual(expect.arrayContaining([third]));
  expect(left).toHaveLength(2);
  const one = await call('DELETE', `/v2/apps/demo/web/tasks/${third}?scale=true`);
  expect(one.headers['marathon-deployment-id']).toBe(one.json.deploymentId);
  await finish();
  expect((await get('/v2/apps/demo/web')).json.app.instances).toBe(1);
  const all = await call('DELETE', '/v2/apps/demo/web/tasks?host=elsewhere');
  expect(all.json).toEqual({ tasks: [] });
  expect((await call('DELETE', '/v2/apps/demo/web/tasks')).json.tasks).toHaveLength(1);
});

it('a task that is on its way out is not taken off the count once more', async () => {
  const { call, get } = await running();
  const [first] = idsOf((await get('/v2/apps/demo/web/tasks')).json.tasks);
  await call('POST', '/v2/tasks/delete?scale=true', { ids: [first] });
  expect((await get('/v2/apps/demo/web')).json.app.instances).toBe(2);
  const again = await call('POST', '/v2/tasks/delete?scale=true&force=true', { ids: [first] });
  expect(again.status).toBe(200);
  expect((await get('/v2/apps/demo/web')).json.app.instances).toBe(2);
  expect((await get('/v2/deployments')).json.map(({ id }: { id: string }) => id)).not.toContain(
    again.json.deploymentId,
  );
});

it('tasks that cannot be meant are refused', async () => {
  const { call } = await running();
  const unknown = 'demo_web.00000000-0000-0000-0000-000000000000';
  const missing = await call('DELETE', `/v2/apps/demo/web/tasks/${unknown}`);
  expect([missing.status, missing.json.message]).toEqual([404, `Task '${unknown}' does not exist`]);
  expect((await call('POST', '/v2/tasks/delete', { ids: ['nonsense'] })).status).toBe(400);
  expect((await call('DELETE', '/v2/apps/demo/web/tasks?scale=true&wipe=true')).json.message).toBe(
    'You cannot use scale and wipe at the same time.',
  );
});

it('an app that was killed for its health, or failed, says why', async () => {
  const { get, obey, world } = await running();
  const [alloc] = world.state.view((tx) => tx.allocsByJob('default', 'demo/web'));
  await obey(({ ID }) => ID !== alloc!.ID);
  expect((await get('/v2/apps/demo/web')).json.app).toMatchObject({ tasksHealthy: 2, tasksUnhealthy: 1 });
  await world.server.updateAllocs(alloc!.NodeID, [
    { ID: alloc!.ID, ClientStatus: 'failed', ClientDescription: 'Failed tasks', TaskStates: alloc!.TaskStates },
  ]);
  const { app } = (await get('/v2/apps/demo/web?embed=app.taskStats&embed=app.readiness')).json;
  expect(app.lastTaskFailure).toMatchObject({ appId: '/demo/web', state: 'TASK_FAILED', message: 'Failed tasks' });
  expect(app.taskStats.totalSummary.stats.counts).toMatchObject({ running: 2 });
  expect(app.readinessCheckResults).toEqual([]);
});

it('an app without room is in the queue, with what it lacks', async () => {
  const { call, get, world } = await marathonRig();
  await call('POST', '/v2/apps', { id: '/big', cmd: 'serve', mem: 1e6, instances: 2 });
  await world.clock.advance(1000);
  const { queue } = (await get('/v2/queue')).json;
  expect(queue).toMatchObject([
    {
      app: { id: '/big' },
      count: 2,
      delay: { timeLeftSeconds: 0, overdue: true },
      processedOffersSummary: { rejectSummaryLastOffers: [{ reason: 'InsufficientMemory', declined: 1 }] },
    },
  ]);
  expect((await call('DELETE', '/v2/queue/big/delay')).status).toBe(204);
  const unknown = await call('DELETE', '/v2/queue/nope/delay');
  expect([unknown.status, unknown.json.message]).toEqual([404, 'Application /nope not found in tasks queue.']);
});

it('figures and subscriptions have the form that is expected', async () => {
  const { call, get } = await running();
  const { gauges } = (await get('/metrics')).json;
  expect(gauges['service.mesosphere.marathon.task.running.count']).toEqual({ value: 3 });
  expect((await get('/v2/eventSubscriptions')).json).toEqual({ callbackUrls: [] });
  expect((await call('POST', '/v2/eventSubscriptions?callbackUrl=http://x')).status).toBe(400);
});

it.each([
  ['how it ended', { Type: 'Terminated', DisplayMessage: 'Exit Code: 127', ExitCode: 127 }],
  ['what its driver said', { Type: 'Driver Failure', DisplayMessage: 'no such image', DriverError: 'no such image' }],
  ['what was missing', { Type: 'Setup Failure', DisplayMessage: 'no such file', FailsTask: true }],
])('of a task that failed it is told %s, not that nothing begins again in its place', (_what, event) => {
  const last = { Type: 'Not Restarting', DisplayMessage: 'Policy allows no restarts', FailsTask: true, Time: 2 };
  const times = { LastRestart: null, StartedAt: null, FinishedAt: null };
  const web: TaskState = { State: 'dead', Failed: true, Restarts: 0, ...times, Events: [{ ...event, Time: 1 }, last] };
  expect(messageOf(alloc({ ID: 'a', TaskStates: { web } }))).toBe(event.DisplayMessage);
});
