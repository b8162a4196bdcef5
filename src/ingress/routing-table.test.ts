import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { RoutingTable } from '../model/ingress.ts';
import type { Job } from '../model/job.ts';
import { SECOND } from '../model/nanos.ts';
import {
  type ExampleAlloc,
  exampleAlloc,
  exampleCheck,
  exampleDeployment,
  exampleJob,
  exampleService,
  exampleWay,
} from './routing-examples.ts';
import { backendsOf, planRoutingTable } from './routing-table.ts';

interface World {
  readonly jobs?: Job[];
  /** Older versions. */
  readonly versions?: Job[];
  readonly allocs?: ExampleAlloc[];
  readonly deployments?: Deployment[];
}

function plan({ jobs = [exampleJob()], versions = [], allocs = [], deployments = [] }: World): RoutingTable {
  const known = [...jobs, ...versions];
  return planRoutingTable({
    index: 7,
    jobs,
    jobVersion: (_, id, version) => known.find((job) => job.ID === id && job.Version === version),
    // As the state gives them: each can be gone through once.
    allocs: (allocs.map(exampleAlloc) as Allocation[]).values(),
    deployments: deployments.values(),
  });
}

/** "a:ready b:draining" per pool of the first backend. */
function pools(table: RoutingTable): Record<string, string> {
  const backend = table.Frontends[0]!.Routes[0]!.Backend;
  const words = backend.Pools.map(({ Name, Servers }) => [
    Name,
    Servers.map((s) => `${s.AllocID}:${s.State}`).join(' '),
  ]);
  return Object.fromEntries(words);
}

const routes = (table: RoutingTable): string[] =>
  table.Frontends.flatMap(({ Listen, Mode, Routes }) =>
    Routes.map(({ Host, Path, Backend }) => `${Mode} ${Listen} ${Host}${Path} ${Backend.ID}`),
  );

describe('an instance', () => {
  it.each([
    ['running and passing is ready', { id: 'a' }, 'a:ready'],
    ['that fails its checks gets no traffic', { id: 'a', status: 'critical' }, ''],
    ['whose node wants it empty is draining', { id: 'a', status: 'draining' }, 'a:draining'],
    ['that is to stop is draining', { id: 'a', desired: 'stop' }, 'a:draining'],
    ['that is evicted is draining', { id: 'a', desired: 'evict' }, 'a:draining'],
    [
      'that is to stop and never passed is draining, to be acknowledged',
      { id: 'a', desired: 'stop', status: 'critical' },
      'a:draining',
    ],
    ['that has not started is not listed', { id: 'a', client: 'pending' }, ''],
    ['that has not started and is to stop is draining', { id: 'a', client: 'pending', desired: 'stop' }, 'a:draining'],
    ['that is complete is not listed', { id: 'a', client: 'complete', desired: 'stop' }, ''],
    ['that failed is not listed', { id: 'a', client: 'failed' }, ''],
    ['that is lost is not listed', { id: 'a', client: 'lost' }, ''],
    ['of another service of its own is not listed', { id: 'a', service: 'admin' }, ''],
  ] as [string, ExampleAlloc, string][])('%s', (_, alloc, expected) => {
    expect(pools(plan({ allocs: [alloc] })).stable).toBe(expected);
  });

  it('stands where its port was given, and where its node says otherwise', () => {
    const server = (changes: Partial<Allocation>) => {
      const alloc = { ...exampleAlloc({ id: 'a' }), ...changes };
      const input = { index: 1, jobs: [exampleJob()], jobVersion: () => exampleJob(), deployments: [] };
      const table = planRoutingTable({ ...input, allocs: [alloc] });
      const found = table.Frontends[0]!.Routes[0]!.Backend.Pools[0]!.Servers[0];
      return found === undefined ? undefined : `${found.Address}:${found.Port}`;
    };
    const port = { Label: 'http', Value: 25000, To: 0 };
    expect(server({ Ports: [{ ...port, HostIP: '10.9.9.9' }] })).toBe('10.9.9.9:25000');
    expect(server({ Ports: [{ ...port, HostIP: '0.0.0.0' }] })).toBe('10.0.0.1:25000');
    expect(server({ Ports: [] })).toBe('10.0.0.1:20000');
    expect(server({ Ports: [], Services: [] })).toBeUndefined();
  });
});

describe('a backend', () => {
  it('stands open before its first instance serves, and goes when its job is stopped', () => {
    expect(routes(plan({}))).toEqual(['http 8080 / default/web/web']);
    expect(routes(plan({ jobs: [exampleJob({ stop: true })] }))).toEqual([]);
  });

  it('of a stopped job stays while its instances drain', () => {
    const table = plan({ jobs: [exampleJob({ stop: true })], allocs: [{ id: 'a', desired: 'stop' }] });
    expect(pools(table).stable).toBe('a:draining');
  });

  it('is one for the services of one name in two groups', () => {
    const groups = { blue: [exampleService()], green: [exampleService()] };
    const allocs = [
      { id: 'a', group: 'blue' },
      { id: 'b', group: 'green', port: 20001 },
    ];
    const table = plan({ jobs: [exampleJob({ groups })], allocs });
    expect(routes(table)).toEqual(['http 8080 / default/web/web']);
    expect(pools(table)).toEqual({ stable: 'a:ready b:ready' });
  });

  it('keeps the routes of an old version until its last instance is gone', () => {
    const moved = exampleJob({
      version: 1,
      groups: { web: [exampleService({ Ingress: [exampleWay({ Listen: 9090 })] })] },
    });
    const during = plan({ jobs: [moved], versions: [exampleJob()], allocs: [{ id: 'a' }] });
    expect(routes(during)).toEqual(['http 8080 / default/web/web', 'http 9090 / default/web/web']);
    expect(routes(plan({ jobs: [moved], versions: [exampleJob()] }))).toEqual(['http 9090 / default/web/web']);
  });

  it('is one for a service that was renamed and kept its route, so that neither version is cut off', () => {
    const renamed = { web: [exampleService({ Name: 'api' })] };
    const world = {
      versions: [exampleJob()],
      jobs: [exampleJob({ version: 1, groups: renamed, program: 'new' })],
      allocs: [{ id: 'a' }, { id: 'b', version: 1, port: 20001, service: 'api', canaryOf: 'd' }],
    };
    const state = { IsBlueGreen: true };
    const trial = plan({ ...world, deployments: [exampleDeployment('d', false, 'web', state)] });
    expect(trial.Conflicts).toBeUndefined();
    expect(routes(trial)).toEqual(['http 8080 / default/web/api']);
    expect(pools(trial)).toEqual({ stable: 'a:ready', canary: 'b:ready' });
    const allocs = world.allocs.map((each) => (each.id === 'a' ? { ...each, rests: true } : each));
    const after = plan({ ...world, allocs, deployments: [exampleDeployment('d', true, 'web', state)] });
    expect(pools(after)).toEqual({ stable: 'a:draining b:ready' });
  });

  it('checks instances of an old version in the way of their version', () => {
    const checks = [exampleCheck({ Path: '/new' })];
    const jobs = [exampleJob({ version: 1, groups: { web: [exampleService({ Checks: checks })] } })];
    const allocs = [{ id: 'a' }, { id: 'b', version: 1, port: 20001 }];
    const backend = plan({ jobs, versions: [exampleJob()], allocs }).Frontends[0]!.Routes[0]!.Backend;
    expect(backend.Check?.Path).toBe('/new');
    expect(backend.Pools[0]!.Servers.map(({ AllocID, Check }) => [AllocID, Check?.Path])).toEqual([
      ['a', '/health'],
      ['b', undefined],
    ]);
  });

  it.each([
    [
      'an HTTP check',
      [exampleCheck()],
      { Type: 'http', Path: '/health', Method: 'GET', IntervalMs: 2000, TimeoutMs: 1000 },
    ],
    [
      'a TCP check',
      [exampleCheck({ Type: 'tcp', Path: '' })],
      { Type: 'tcp', Path: '', Method: '', IntervalMs: 2000, TimeoutMs: 1000 },
    ],
    ['no check that only the node can make', [exampleCheck({ Type: 'script' })], null],
    ['no check of another port', [exampleCheck({ PortLabel: 'admin' })], null],
    ['no check over TLS', [exampleCheck({ Protocol: 'https' })], null],
    ['no check with headers', [exampleCheck({ Header: { A: ['b'] } })], null],
  ])('takes over %s', (_, Checks, expected) => {
    const jobs = [exampleJob({ groups: { web: [exampleService({ Checks })] } })];
    expect(plan({ jobs }).Frontends[0]!.Routes[0]!.Backend.Check).toEqual(expected);
  });
});

describe('a canary', () => {
  const canary: ExampleAlloc = { id: 'c', version: 1, port: 20009, canaryOf: 'd' };
  const stable: ExampleAlloc[] = ['x', 'y', 'z'].map((id, at) => ({ id, port: 20001 + at }));
  const jobs = [exampleJob({ version: 1 })];
  const weights = (table: RoutingTable) =>
    Object.fromEntries(table.Frontends[0]!.Routes[0]!.Backend.Pools.map(({ Name, Weight }) => [Name, Weight]));

  it('has a pool of its own and a share by count until it is promoted', () => {
    const world = { jobs, versions: [exampleJob()], allocs: [...stable, canary] };
    const before = plan({ ...world, deployments: [exampleDeployment('d', false)] });
    expect(pools(before)).toEqual({ stable: 'x:ready y:ready z:ready', canary: 'c:ready' });
    expect(weights(before)).toEqual({ stable: 75, canary: 25 });
    const after = plan({ ...world, deployments: [exampleDeployment('d', true)] });
    expect(pools(after)).toEqual({ stable: 'c:ready x:ready y:ready z:ready' });
  });

  it('of a whole second set gets no request until it is promoted, whatever becomes of the first', () => {
    const green = ['c', 'd', 'e'].map((id, at): ExampleAlloc => ({ ...canary, id, port: 20009 + at }));
    const deployments = [exampleDeployment('d', false, 'web', { DesiredCanaries: 3, DesiredTotal: 3 })];
    const world = { jobs, versions: [exampleJob()], deployments };
    expect(weights(plan({ ...world, allocs: [...stable, ...green] }))).toEqual({ stable: 100, canary: 0 });
    expect(weights(plan({ ...world, allocs: green }))).toEqual({ stable: 100, canary: 0 });
    const promoted = [exampleDeployment('d', true, 'web', { DesiredCanaries: 3, DesiredTotal: 3 })];
    const after = plan({ ...world, deployments: promoted, allocs: green });
    expect(pools(after)).toEqual({ stable: 'c:ready d:ready e:ready' });
  });

  it('that drains has no share, and all of it where nothing else is ready', () => {
    const deployments = [exampleDeployment('d', false)];
    const draining = { jobs, versions: [exampleJob()], allocs: [...stable, { ...canary, desired: 'stop' as const }] };
    expect(weights(plan({ ...draining, deployments }))).toEqual({ stable: 100, canary: 0 });
    expect(weights(plan({ jobs, allocs: [canary], deployments }))).toEqual({ stable: 0, canary: 100 });
  });
});

describe('the canaries of two groups', () => {
  const groups = { web: [exampleService()], api: [exampleService()] };
  const deployment = (promoted: boolean): Deployment => {
    const state = { Promoted: false, DesiredCanaries: 1, DesiredTotal: 3 };
    const TaskGroups = {
      web: { ...state, CanaryWeight: 10 },
      api: { ...state, IsBlueGreen: true, Promoted: promoted },
    };
    return exampleDeployment('d', false, 'web', {}, { TaskGroups } as unknown as Deployment);
  };
  const allocs = (promoted: boolean): ExampleAlloc[] => [
    ...['w1', 'w2', 'w3'].map((id) => ({ id })),
    { id: 'a1', group: 'api', rests: promoted },
    { id: 'wc', version: 1, canaryOf: 'd' },
    { id: 'ac', group: 'api', version: 1, canaryOf: 'd' },
  ];
  const world = { versions: [exampleJob({ groups })], jobs: [exampleJob({ version: 1, groups, program: 'new' })] };
  const shares = (promoted: boolean) =>
    plan({
      ...world,
      allocs: allocs(promoted),
      deployments: [deployment(promoted)],
    }).Frontends[0]!.Routes[0]!.Backend.Pools.map(
      ({ Name, Group, Weight, Servers }) =>
        [Name, Group, Weight, Servers.map(({ AllocID, State }) => `${AllocID}:${State}`).join(' ')] as const,
    );

  it("have a pool each, with a weight of their group's part", () => {
    expect(shares(false)).toEqual([
      ['stable', undefined, 92.5, 'a1:ready w1:ready w2:ready w3:ready'],
      ['canary', 'api', 0, 'ac:ready'],
      ['canary', 'web', 7.5, 'wc:ready'],
    ]);
  });

  it('are promoted group by group', () => {
    expect(shares(true)).toEqual([
      ['stable', undefined, 92.5, 'a1:draining ac:ready w1:ready w2:ready w3:ready'],
      ['canary', 'web', 7.5, 'wc:ready'],
    ]);
  });
});

describe('a preview', () => {
  const canary: ExampleAlloc = { id: 'c', version: 1, port: 20009, canaryOf: 'd' };
  const job = (way: Parameters<typeof exampleWay>[0], changes = {}) =>
    exampleJob({ version: 1, groups: { web: [exampleService({ Ingress: [exampleWay(way)] })] }, ...changes });
  const world = (way: Parameters<typeof exampleWay>[0], promoted = false) => ({
    jobs: [job(way)],
    versions: [job(way, { version: 0 })],
    allocs: [{ id: 'a' }, canary],
    deployments: [exampleDeployment('d', promoted)],
  });
  const previewServers = (table: RoutingTable) => {
    const { Pools } = backendsOf(table).get('default/web/web/preview')!;
    return Pools.map(({ Name, Weight, Servers }) => [Name, Weight, Servers.map(({ AllocID }) => AllocID).join()]);
  };

  it.each([
    [
      'on a port of its own',
      { PreviewListen: 9999 },
      ['http 8080 / default/web/web', 'http 9999 / default/web/web/preview'],
    ],
    [
      'on a port of its own for any host, below its path',
      { Host: 'www.a.com', Path: '/shop', PreviewListen: 9999 },
      ['http 8080 www.a.com/shop default/web/web', 'http 9999 /shop default/web/web/preview'],
    ],
    [
      'on a host of its own',
      { Host: 'www.a.com', PreviewHost: 'Next.a.com' },
      ['http 8080 next.a.com/ default/web/web/preview', 'http 8080 www.a.com/ default/web/web'],
    ],
    [
      'in mode "tcp", where a host means nothing',
      { Mode: 'tcp', PreviewListen: 9999, PreviewHost: 'next.a.com' },
      ['tcp 8080 / default/web/web', 'tcp 9999 / default/web/web/preview'],
    ],
  ])('stands %s', (_, way, expected) => {
    expect(routes(plan(world(way)))).toEqual(expected);
  });

  it('leads to the canaries alone, and to nobody when they are promoted', () => {
    const way = { PreviewListen: 9999 };
    expect(previewServers(plan(world(way)))).toEqual([['canary', 100, 'c']]);
    expect(previewServers(plan(world(way, true)))).toEqual([['canary', 100, '']]);
    expect(previewServers(plan({ jobs: [job(way)] }))).toEqual([['canary', 100, '']]);
    expect(backendsOf(plan(world(way))).get('default/web/web/preview')).toMatchObject({ HoldMs: 0, IsPreview: true });
    const sticky = backendsOf(plan(world({ ...way, Sticky: 'cookie', StickyCookie: 'who' })));
    expect([...sticky.values()].map(({ StickyCookie }) => StickyCookie)).toEqual(['who', 'who_preview']);
  });

  it('takes no route of users, neither of its own job nor of an older one', () => {
    const own = exampleService({ Name: 'api', Ingress: [exampleWay({ Listen: 9000, PreviewListen: 8080 })] });
    const jobs = [exampleJob({ groups: { web: [exampleService(), own] } })];
    const table = plan({ jobs });
    expect(routes(table)).toEqual(['http 8080 / default/web/web', 'http 9000 / default/web/api']);
    expect(table.Conflicts).toMatchObject([{ Backend: 'default/web/web', LeftOut: 'default/web/api/preview' }]);
    const older = exampleJob({ id: 'old', createIndex: 1 });
    const young = exampleJob({ id: 'new', createIndex: 2, groups: { web: [own] } });
    expect(plan({ jobs: [young, older] }).Conflicts).toMatchObject([{ LeftOut: 'default/new/api/preview' }]);
  });

  it('gives its name up to a job that bears it', () => {
    const twin = exampleJob({
      id: 'web/web',
      groups: { web: [exampleService({ Name: 'preview', Ingress: [exampleWay({ Listen: 7000 })] })] },
    });
    expect(routes(plan({ jobs: [job({ PreviewListen: 9999 }), twin] }))).toEqual([
      'http 7000 / default/web/web/preview',
      'http 8080 / default/web/web',
    ]);
  });
});

describe('a route', () => {
  const job = (id: string, createIndex: number, ...ways: Parameters<typeof exampleWay>[0][]) =>
    exampleJob({ id, createIndex, groups: { web: [exampleService({ Ingress: ways.map(exampleWay) })] } });

  it('that two jobs claim stays with the older one, and the table says so', () => {
    const table = plan({ jobs: [job('a-young', 9, {}), job('old', 2, {})] });
    expect(routes(table)).toEqual(['http 8080 / default/old/web']);
    expect(table.Conflicts).toEqual([
      { Listen: 8080, Host: '', Path: '/', Backend: 'default/old/web', LeftOut: 'default/a-young/web' },
    ]);
  });

  it('of another mode does not take a port that speaks one already', () => {
    const table = plan({ jobs: [job('web', 2, {}), job('db', 9, { Mode: 'tcp' })] });
    expect(routes(table)).toEqual(['http 8080 / default/web/web']);
    expect(table.Conflicts).toHaveLength(1);
  });

  it('in mode "tcp" is the whole port', () => {
    const table = plan({ jobs: [job('db', 2, { Mode: 'tcp', Host: 'db.example.com', Path: '/x' })] });
    expect(routes(table)).toEqual(['tcp 8080 / default/db/web']);
  });

  it('comes before less specific ones: hosts, wildcards, any; the longest path first', () => {
    const ways = [{}, { Host: '*.b.com' }, { Host: 'a.b.com' }, { Host: 'A.b.com', Path: '/long' }, { Path: '/p' }];
    const jobs = ways.map((way, at) => job(`j${at}`, at, way));
    expect(routes(plan({ jobs }))).toEqual([
      'http 8080 a.b.com/long default/j3/web',
      'http 8080 a.b.com/ default/j2/web',
      'http 8080 *.b.com/ default/j1/web',
      'http 8080 /p default/j4/web',
      'http 8080 / default/j0/web',
    ]);
  });

  it('of another port is another frontend, and the ports are in order', () => {
    const table = plan({ jobs: [job('web', 2, { Listen: 9000 }, { Listen: 80 })] });
    expect(table.Frontends.map(({ Listen }) => Listen)).toEqual([80, 9000]);
    expect(table.Frontends[0]!.Routes[0]!.Backend).toBe(table.Frontends[1]!.Routes[0]!.Backend);
  });

  it('speaks TLS as the job says now, and a redirect to it takes no route of users', () => {
    const tls = { Listen: 443, TLS: true, RedirectListen: 80, Host: 'a.com' };
    const table = plan({ jobs: [job('web', 2, tls, { ...tls, Host: 'b.com', RedirectListen: 81 })] });
    expect(table.Frontends).toMatchObject([
      { Listen: 80, Routes: [], Redirects: [{ Host: 'a.com', Path: '/', Port: 443 }] },
      { Listen: 81, Routes: [], Redirects: [{ Host: 'b.com', Path: '/', Port: 443 }] },
      { Listen: 443, TLS: true, Routes: [{ Host: 'a.com' }, { Host: 'b.com' }] },
    ]);
    expect(table.Frontends[0]).not.toHaveProperty('TLS');
    const taken = plan({ jobs: [job('old', 1, { Listen: 80, Host: 'a.com' }), job('web', 2, tls)] });
    expect(routes(taken)).toEqual(['http 80 a.com/ default/old/web', 'http 443 a.com/ default/web/web']);
    expect(taken.Frontends[0]).not.toHaveProperty('Redirects');
    expect(plan({ jobs: [job('old', 1, { Listen: 443 }), job('web', 2, tls)] }).Conflicts).toHaveLength(1);
  });

  it('carries what its service says of requests and instances, and each instance how its own version is spoken to', () => {
    const said = { Sticky: 'cookie', RequestTimeout: 2 * SECOND, IdleTimeout: 0, HoldLimit: 3, SendProxy: 'v2' };
    const before = exampleJob({ groups: { web: [exampleService({ Ingress: [exampleWay({ Protocol: 'h2c' })] })] } });
    const now = exampleJob({ version: 1, groups: { web: [exampleService({ Ingress: [exampleWay(said)] })] } });
    const allocs = [{ id: 'a' }, { id: 'b', version: 1 }];
    const { Backend } = plan({ jobs: [now], versions: [before, now], allocs }).Frontends[0]!.Routes[0]!;
    expect(Backend).toMatchObject({ RequestTimeoutMs: 2000, IdleTimeoutMs: 0, HoldLimit: 3 });
    expect(Backend.StickyCookie).toMatch(/^serin_[0-9a-f]{8}$/);
    const [a, b] = Backend.Pools[0]!.Servers;
    expect(a).toMatchObject({ AllocID: 'a', Protocol: 'h2c' });
    expect(a).not.toHaveProperty('SendProxy');
    expect(b).toMatchObject({ AllocID: 'b', SendProxy: 'v2' });
    expect(b).not.toHaveProperty('Protocol');
  });
});

describe('what somebody set by hand', () => {
  const serversOf = (table: RoutingTable, id = 'default/web/web') =>
    backendsOf(table)
      .get(id)!
      .Pools.flatMap(({ Servers }) => Servers.map(({ AllocID, State, Weight }) => [AllocID, State, Weight ?? 100]));
  const shop = exampleJob({ id: 'shop', groups: { web: [] } });

  it('drains an instance that is healthy, and keeps it', () => {
    const table = plan({ allocs: [{ id: 'a' }, { id: 'b', port: 20001, override: { Drained: true } }] });
    expect(serversOf(table)).toEqual([
      ['a', 'ready', 100],
      ['b', 'draining', 100],
    ]);
    expect(backendsOf(table).get('default/web/web')?.Pools[0]?.Servers[1]?.IsKept).toBe(true);
  });

  it('gives an instance a weight of its own', () => {
    expect(serversOf(plan({ allocs: [{ id: 'a', override: { Weight: 50 } }] }))).toEqual([['a', 'ready', 50]]);
  });

  it.each<[string, Partial<ExampleAlloc>, unknown[]]>([
    [
      'that is well',
      {},
      [
        ['a', 'ready', 100],
        ['guest', 'ready', 100],
      ],
    ],
    [
      'that is drained',
      { override: { Backends: ['default/web/web'], Drained: true } },
      [
        ['a', 'ready', 100],
        ['guest', 'draining', 100],
      ],
    ],
    [
      'that is to stop',
      { desired: 'stop' },
      [
        ['a', 'ready', 100],
        ['guest', 'draining', 100],
      ],
    ],
    ['that is not well', { status: 'critical' }, [['a', 'ready', 100]]],
    ['that has yet to start', { client: 'pending' }, [['a', 'ready', 100]]],
    ['that has ended', { client: 'complete' }, [['a', 'ready', 100]]],
  ])('puts an instance of another job %s behind a service', (_, fields, expected) => {
    const guest = { id: 'guest', job: 'shop', port: 20009, override: { Backends: ['default/web/web'] }, ...fields };
    expect(serversOf(plan({ jobs: [exampleJob(), shop], allocs: [{ id: 'a' }, guest] }))).toEqual(expected);
  });

  it('adds nothing to a service that is gone, nor twice to its own', () => {
    const override = { Backends: ['default/web/web', 'default/nosuch/web'] };
    expect(serversOf(plan({ allocs: [{ id: 'a', override }] }))).toEqual([['a', 'ready', 100]]);
  });
});

describe('a password', () => {
  const AuthUsers = 'bob:$1$saltsalt$9xy1btjgzLYfb7hivXtC//';
  /** "80 a.b/ Shop: bob", or "open". */
  const locks = (table: RoutingTable): string[] =>
    table.Frontends.flatMap(({ Listen, Routes }) =>
      Routes.map(({ Host, Auth }) => {
        const asked = Auth && `${Auth.Realm}: ${Auth.Users.map(({ Name }) => Name).join(' ')}`;
        return `${Listen} ${Host} ${asked ?? 'open'}`;
      }),
    );
  const jobWith = (version: number, ...Ingress: ReturnType<typeof exampleWay>[]) =>
    exampleJob({ version, groups: { web: [exampleService({ Ingress })] } });

  it('is asked for on the port that says so, by the preview too, and is the newest version’s for all of the port', () => {
    const old = jobWith(0, exampleWay({ Listen: 80, Host: 'old.com' }));
    const asking = exampleWay({ Listen: 80, Host: 'a.com', PreviewHost: 'p.a.com', AuthUsers, AuthRealm: 'Shop' });
    const job = jobWith(1, asking, exampleWay({ Listen: 81 }));
    expect(locks(plan({ jobs: [job], versions: [old], allocs: [{ id: 'a', version: 0 }] }))).toEqual([
      '80 old.com Shop: bob',
      '80 p.a.com Shop: bob',
      '80 a.com Shop: bob',
      '81  open',
    ]);
    const opened = jobWith(1, exampleWay({ Listen: 80, Host: 'a.com' }));
    expect(locks(plan({ jobs: [opened], versions: [jobWith(0, asking)], allocs: [{ id: 'a', version: 0 }] }))).toEqual([
      '80 a.com open',
    ]);
  });
});
