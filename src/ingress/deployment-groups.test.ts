/** Two apps of a deployment group as one backend, and how the old one gives its place up. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Backend } from '../model/ingress.ts';
import type { Job } from '../model/job.ts';
import { type Colour, drainedTasks } from './deployment-groups.ts';
import { type ExampleAlloc, exampleAlloc, exampleJob, exampleService, exampleWay } from './routing-examples.ts';
import { planRoutingTable } from './routing-table.ts';

function colour(prefix: string, fit: number, fields: Partial<Colour> = {}): Colour {
  const tasks = Array.from({ length: fit }, (_, at) => `${prefix}${at}`);
  return {
    startedAtMs: 0,
    createIndex: 1,
    lastScalingAt: '',
    instances: fit,
    target: undefined,
    saysNewInstances: false,
    tasks,
    serving: fit,
    ...fields,
  };
}

describe('of an old colour are drained', () => {
  it.each<[string, Colour, Colour, string]>([
    ['none before the new one serves', colour('n', 1, { serving: 0, target: 2 }), colour('o', 2), ''],
    ['as many as are too many', colour('n', 1, { target: 2 }), colour('o', 2), 'o0'],
    ['the last one at the end', colour('n', 2, { target: 2 }), colour('o', 1), 'o0'],
    ['as many as serve of the new one', colour('n', 3, { serving: 2, target: 4 }), colour('o', 4), 'o0 o1'],
    ['those that are there', colour('n', 3, { target: 4 }), colour('o', 1, { instances: 4 }), 'o0'],
    ['none while fewer than the target are there', colour('n', 2, { target: 10 }), colour('o', 2), ''],
    ['as many as the new one has, where nobody says a target', colour('n', 1), colour('o', 4), 'o0'],
    ['by the target of the old one where only that says it', colour('n', 2), colour('o', 4, { target: 5 }), 'o0'],
  ])('%s', (_, fresh, old, expected) => {
    const started = { ...fresh, startedAtMs: 2 };
    const before = { ...old, startedAtMs: 1 };
    expect(drainedTasks([before, started]).join(' ')).toBe(expected);
    expect(drainedTasks([started, before]).join(' ')).toBe(expected);
  });

  it('none of one alone', () => {
    expect(drainedTasks([colour('n', 3, { target: 1 })])).toEqual([]);
  });

  it('those of the app that was made first, where no label says when', () => {
    expect(drainedTasks([colour('n', 2, { createIndex: 2 }), colour('o', 2)])).toEqual(['o0', 'o1']);
  });

  it('none of either just after one was taken from the old one: the two change places', () => {
    const fresh = colour('n', 1, { startedAtMs: 2, target: 2, saysNewInstances: true, lastScalingAt: '2026-01-01' });
    const old = colour('o', 1, { startedAtMs: 1, target: 2, lastScalingAt: '2026-01-02' });
    expect(drainedTasks([fresh, old])).toEqual([]);
    const tooMany = { ...old, tasks: ['o0', 'o1'], instances: 2, serving: 2 };
    expect(drainedTasks([fresh, tooMany])).toEqual(['n0']);
    expect(drainedTasks([{ ...fresh, saysNewInstances: false }, tooMany])).toEqual(['o0']);
  });

  it('of three colours all but the newest', () => {
    const fresh = colour('n', 2, { startedAtMs: 3, target: 2 });
    expect(drainedTasks([colour('b', 1), fresh, colour('a', 1)])).toEqual(['a0', 'b0']);
  });
});

interface App {
  readonly id: string;
  readonly startedAt?: string;
  readonly count?: number;
  readonly target?: number;
  readonly group?: string;
  readonly listens?: readonly number[];
  readonly stop?: boolean;
  readonly version?: number;
}

/** As zdd.py writes it; each port of it a service. */
function appJob(app: App, createIndex: number): Job {
  const { id, startedAt = '', count = 1, target, group = 'web', listens = [19500], stop = false, version = 0 } = app;
  const Services = listens.map((Listen, at) =>
    exampleService({ Name: at === 0 ? id : `${id}-${at}`, PortLabel: `port${at}`, Ingress: [exampleWay({ Listen })] }),
  );
  const job = exampleJob({ id, createIndex, count, stop, version, groups: { [id]: Services } });
  const labels = {
    HAPROXY_DEPLOYMENT_GROUP: group,
    HAPROXY_DEPLOYMENT_STARTED_AT: startedAt,
    ...(target !== undefined && { HAPROXY_DEPLOYMENT_TARGET_INSTANCES: String(target) }),
  };
  return { ...job, Marathon: { App: { labels }, Version: '', LastScalingAt: '', LastConfigChangeAt: '' } };
}

interface Instance extends ExampleAlloc {
  readonly ports?: number;
  readonly serves?: boolean;
}

function instance({ ports = 1, serves = true, ...example }: Instance): Allocation {
  const alloc = exampleAlloc(example);
  const [status] = alloc.Services!;
  const Services = Array.from({ length: ports }, (_, at) => ({
    ...status!,
    Service: at === 0 ? example.job! : `${example.job}-${at}`,
    PortLabel: `port${at}`,
    Port: 31000 + at,
  }));
  return {
    ...alloc,
    TaskGroup: example.job!,
    Services,
    Ports: [],
    Traffic: { Ready: serves },
  } as unknown as Allocation;
}

function plan(apps: readonly App[], instances: readonly Instance[], older: readonly Job[] = []) {
  const jobs = apps.map((app, at) => appJob(app, at + 1));
  const all = [...jobs, ...older];
  return planRoutingTable({
    index: 1,
    jobs,
    jobVersion: (_, id, version) => all.find((job) => job.ID === id && job.Version === version),
    allocs: instances.map(instance),
    deployments: [],
  });
}

const BLUE = { id: 'web-blue', startedAt: '2026-11-20T16:14:16.740813', count: 2, target: 2 };
const GREEN = { id: 'web-green', startedAt: '2026-11-20T16:14:20.073718', count: 1, target: 2 };
const NOW = [
  { id: 'b1', job: 'web-blue' },
  { id: 'b2', job: 'web-blue' },
  { id: 'g1', job: 'web-green' },
];

const serversOf = (backend: Backend): string =>
  backend.Pools.flatMap(({ Servers }) => Servers.map(({ AllocID, State }) => `${AllocID}:${State}`)).join(' ');

describe('the apps of a deployment group', () => {
  it('are one backend by the name that zdd looks for, and the old one drains for what the new one has', () => {
    const table = plan([BLUE, GREEN], NOW);
    expect(table.Conflicts).toBeUndefined();
    const routes = table.Frontends.flatMap(({ Listen, Routes }) => Routes.map((route) => ({ Listen, ...route })));
    expect(routes).toHaveLength(1);
    expect(routes[0]).toMatchObject({ Listen: 19500, Backend: { ID: 'default/web/web_19500', Service: 'web_19500' } });
    expect(serversOf(routes[0]!.Backend)).toBe('b1:draining b2:ready g1:ready');
    expect(routes[0]!.Backend.Pools[0]!.Servers[0]).toMatchObject({ IsKept: true });
  });

  it('drain nothing before an ingress sends requests to the new one', () => {
    const table = plan([BLUE, GREEN], [...NOW.slice(0, 2), { ...NOW[2]!, serves: false }]);
    expect(serversOf(table.Frontends[0]!.Routes[0]!.Backend)).toBe('b1:ready b2:ready g1:ready');
  });

  it('share each of their ports, by its place and whatever its number', () => {
    const ports = (second: number) => ({ listens: [19500, second] });
    const table = plan(
      [
        { ...BLUE, ...ports(10001) },
        { ...GREEN, ...ports(10002) },
      ],
      [
        { id: 'b1', job: 'web-blue', ports: 2 },
        { id: 'g1', job: 'web-green', ports: 2 },
      ],
    );
    const ids = table.Frontends.map(({ Listen, Routes }) => `${Listen} ${Routes.map(({ Backend: { ID } }) => ID)}`);
    expect(ids).toEqual(['10001 default/web/web_10001', '10002 default/web/web_10001', '19500 default/web/web_19500']);
    expect(table.Frontends[1]!.Routes[0]!.Backend).toBe(table.Frontends[0]!.Routes[0]!.Backend);
  });

  it('of different groups stay apart: the older one keeps the route', () => {
    const table = plan([BLUE, { ...GREEN, group: 'api' }], NOW);
    expect(table.Conflicts).toMatchObject([{ Backend: 'default/web/web_19500', LeftOut: 'default/api/api_19500' }]);
  });

  it('keep the backend when the old one is deleted and its instances still drain', () => {
    const blue = appJob({ ...BLUE, stop: true }, 1);
    const stopped = NOW.map((each) => (each.job === 'web-blue' ? { ...each, desired: 'stop' as const } : each));
    const table = plan([GREEN], stopped, [blue]);
    expect(table.Frontends).toHaveLength(1);
    expect(serversOf(table.Frontends[0]!.Routes[0]!.Backend)).toBe('b1:draining b2:draining g1:ready');
  });

  it('belong where the app is now, also with instances of a version from before it was in a group', () => {
    const { Marathon: _, ...before } = appJob({ ...BLUE, version: 0 }, 1);
    const table = plan([{ ...BLUE, version: 1 }], [{ id: 'b0', job: 'web-blue' }], [before]);
    expect(table.Conflicts).toBeUndefined();
    expect(serversOf(table.Frontends[0]!.Routes[0]!.Backend)).toBe('b0:ready');
  });
});
