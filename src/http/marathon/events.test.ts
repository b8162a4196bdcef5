/** The event stream: what a reader sees of an app's life. */
import { afterEach, expect, it } from 'vitest';
import { settle } from '../../lib/virtual-clock.ts';
import { MarathonEventTypes } from '../../marathon/events.ts';
import type { StreamAnswer } from '../answer.ts';
import { parseQuery } from '../query.ts';
import { eventRoutes } from './events.ts';
import { closeAll, type MarathonRig, marathonRig } from './fixture.ts';
import type { MarathonRoute } from './route.ts';

afterEach(closeAll);

const WEB = { id: '/web', cmd: 'serve', cpus: 0.1, healthChecks: [{ protocol: 'HTTP' }] };

interface Reader {
  readonly frames: string[];
  events(): { eventType: string; [field: string]: unknown }[];
  stop(): Promise<void>;
}

function routesOf({ world }: MarathonRig): readonly MarathonRoute[] {
  const { server, state, clock, log } = world;
  const hosts = { allowedHosts: [], allowedOrigins: [] };
  return eventRoutes({ marathon: server.marathon, server, state, clock, log, hosts, address: 'x:1', version: '0' });
}

async function listen(rig: MarathonRig, query = '', { routes = routesOf(rig), clientIp = '' } = {}): Promise<Reader> {
  const stop = new AbortController();
  const url = `/v2/events${query}`;
  const headers = { accept: 'text/event-stream' };
  const body = Buffer.alloc(0);
  const call = { method: 'GET', url, params: {}, query: parseQuery(url), headers, body, signal: stop.signal, clientIp };
  const { chunks } = (await routes[0]!.GET!(call)) as StreamAnswer;
  const frames: string[] = [];
  const reading = (async () => {
    for await (const chunk of chunks) frames.push(String(chunk));
  })();
  await settle();
  return {
    frames,
    events: () =>
      frames
        .join('')
        .split('\r\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => JSON.parse(line.slice('data: '.length))),
    stop: async () => {
      stop.abort();
      await reading;
    },
  };
}

const typesOf = (reader: Reader): string[] => reader.events().map(({ eventType }) => eventType);

it('tells a deployment from its beginning to its end, and what the tasks did', async () => {
  const rig = await marathonRig();
  const reader = await listen(rig);
  await rig.call('POST', '/v2/apps', WEB);
  await rig.finish();
  await settle();
  const types = typesOf(reader);
  expect(types.slice(0, 4)).toEqual([
    'event_stream_attached',
    'api_post_event',
    'group_change_success',
    'deployment_info',
  ]);
  expect(types.filter((type) => type.startsWith('deployment'))).toEqual([
    'deployment_info',
    'deployment_step_success',
    'deployment_info',
    'deployment_step_success',
    'deployment_success',
  ]);
  const states = reader.events().filter(({ eventType }) => eventType === 'status_update_event');
  expect(states.map(({ taskStatus }) => taskStatus)).toEqual(['TASK_STAGING', 'TASK_RUNNING']);
  expect(reader.events().find(({ eventType }) => eventType === 'health_status_changed_event')).toMatchObject({
    appId: '/web',
    alive: true,
  });
  const info = reader.events().find(({ eventType }) => eventType === 'deployment_info') as never as {
    plan: { original: { apps: unknown[] }; target: { apps: { id: string }[] }; steps: unknown };
  };
  expect(info.plan.original.apps).toEqual([]);
  expect(info.plan.target.apps[0]!.id).toBe('/web');
  expect(types.filter((type) => !(type in MarathonEventTypes))).toEqual([]);
  expect(reader.events().every(({ timestamp }) => typeof timestamp === 'string')).toBe(true);
  await rig.call('DELETE', '/v2/apps/web');
  await rig.finish();
  await settle();
  expect(typesOf(reader)).toContain('app_terminated_event');
  const ends = reader.events().filter(({ eventType }) => eventType === 'status_update_event');
  expect(ends.map(({ taskStatus }) => taskStatus).slice(2)).toEqual(['TASK_KILLING', 'TASK_KILLED']);
  await reader.stop();
});

it('tells who asked, whose checks are added and removed, and what fails and is killed for its health', async () => {
  const rig = await marathonRig();
  const reader = await listen(rig);
  await rig.call('POST', '/v2/apps', WEB);
  await rig.finish();
  const told = (type: string) => reader.events().filter(({ eventType }) => eventType === type);
  expect(told('api_post_event')).toMatchObject([{ clientIp: '127.0.0.1', uri: '/v2/apps' }]);
  expect(told('add_health_check_event')).toMatchObject([{ appId: '/web', healthCheck: { protocol: 'HTTP' } }]);
  const [alloc] = rig.world.state.view((tx) => tx.allocsByJob('default', 'web'));
  const [service] = alloc!.Services!;
  const failing = (Failures: number) => ({
    ...alloc!,
    Services: [
      {
        ...service!,
        Status: 'critical' as const,
        Checks: [{ ...service!.Checks[0]!, Status: 'critical' as const, Output: 'refused', Failures, LastFailMs: 7 }],
      },
    ],
  });
  await rig.world.server.updateAllocs(alloc!.NodeID, [failing(1)]);
  await rig.world.server.updateAllocs(alloc!.NodeID, [failing(2)]);
  await settle();
  expect(told('failed_health_check_event')).toMatchObject([
    { appId: '/web', healthCheck: { protocol: 'HTTP' } },
    { appId: '/web' },
  ]);
  const [task] = (await rig.get('/v2/apps/web')).json.app.tasks;
  expect(task.healthCheckResults).toMatchObject([
    { alive: false, consecutiveFailures: 2, lastFailure: '1970-01-01T00:00:00.007Z', lastFailureCause: 'refused' },
  ]);
  const [check] = service!.Checks;
  const Checks = [{ ...check!, LastFailMs: 7, LastFailOutput: 'refused' }];
  await rig.world.server.updateAllocs(alloc!.NodeID, [{ ...alloc!, Services: [{ ...service!, Checks }] }]);
  expect((await rig.get('/v2/apps/web')).json.app.tasks[0].healthCheckResults, 'the cause stays').toMatchObject([
    { alive: true, lastFailure: '1970-01-01T00:00:00.007Z', lastFailureCause: 'refused' },
  ]);
  const DisplayMessage = 'healthcheck: check "web-0" unhealthy';
  const Events = [{ Type: 'Restart Signaled', Time: 5, DisplayMessage, RestartReason: DisplayMessage }];
  const TaskStates = { web: { ...Object.values(alloc!.TaskStates!)[0]!, Events } };
  await rig.world.server.updateAllocs(alloc!.NodeID, [{ ...failing(3), TaskStates }]);
  await settle();
  expect(told('unhealthy_task_kill_event')).toMatchObject([{ appId: '/web', taskId: task.id, reason: DisplayMessage }]);
  expect(told('unhealthy_instance_kill_event')).toHaveLength(1);
  await rig.call('PUT', '/v2/apps/web?force=true', { healthChecks: [] });
  await settle();
  expect(told('remove_health_check_event')).toMatchObject([{ appId: '/web' }]);
  await reader.stop();
});

it('sends only what is asked for, plans without their groups, and an empty line while nothing happens', async () => {
  const rig = await marathonRig();
  const reader = await listen(rig, '?plan-format=light&event_type=deployment_info&event_type=deployment_failed');
  expect(reader.frames).toEqual(['\r\n']);
  const made = await rig.call('POST', '/v2/apps', WEB);
  await rig.call('DELETE', `/v2/deployments/${made.json.deployments[0].id}?force=true`);
  await settle();
  expect(typesOf(reader)).toEqual(['deployment_info', 'deployment_info', 'deployment_failed']);
  expect(Object.keys(reader.events()[0]!.plan as object)).toEqual(['id', 'version', 'steps']);
  expect(reader.frames[1]).toMatch(/^event: deployment_info\r\ndata: \{.*\}\r\n\r\n$/);
  const before = reader.frames.length;
  await rig.world.clock.advance(10_000);
  await settle();
  expect(reader.frames.slice(before)).toContain('\r\n');
  await reader.stop();
});

it('tells every reader who comes and goes beside them', async () => {
  const rig = await marathonRig();
  const routes = routesOf(rig);
  const first = await listen(rig, '', { routes, clientIp: '10.0.0.1' });
  const second = await listen(rig, '?event_type=event_stream_detached', { routes, clientIp: '10.0.0.2' });
  const third = await listen(rig, '', { routes, clientIp: '10.0.0.3' });
  await third.stop();
  await settle();
  const told = (reader: Reader) =>
    reader.events().map(({ eventType, remoteAddress }) => [eventType, remoteAddress].join(' '));
  expect(told(first)).toEqual([
    'event_stream_attached 10.0.0.1',
    'event_stream_attached 10.0.0.2',
    'event_stream_attached 10.0.0.3',
    'event_stream_detached 10.0.0.3',
  ]);
  expect(told(second)).toEqual(['event_stream_detached 10.0.0.3']);
  expect(told(third)).toEqual(['event_stream_attached 10.0.0.3']);
  await rig.call('POST', '/v2/apps', WEB);
  await settle();
  expect(typesOf(first), 'between them what happens').toContain('deployment_info');
  await second.stop();
  await first.stop();
});

it('is refused to who does not ask for a stream', async () => {
  const { get } = await marathonRig();
  expect((await get('/v2/events')).status).toBe(405);
});
