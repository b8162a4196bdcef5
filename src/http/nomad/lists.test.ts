import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployment } from '../../state/fixtures.ts';
import { goldenAlloc, goldenJob, seed, type TestApi, testApi } from '../fixture.ts';

let api: TestApi;
const idOf = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-0000-0000-000000000000`;
const COUNT = 1200;

beforeAll(async () => {
  api = await testApi();
  await seed(api.state);
  await api.state.update((tx) => {
    tx.putJob({ ...goldenJob(), ID: 'worker' });
    for (let n = 0; n < COUNT; n++) tx.putAlloc(goldenAlloc({ ID: idOf(n), JobID: 'worker' }));
  });
});
afterAll(() => api.app.close());

type Row = { readonly ID: string };
const idsAt = async (url: string) => (await api.get(url)).json<Row[]>().map((row) => row.ID);

it('the list of jobs says which are apps of Marathon, and nothing of others', async () => {
  const Marathon = { App: {}, Version: '', LastScalingAt: '', LastConfigChangeAt: '' };
  await api.state.update((tx) => tx.putJob({ ...goldenJob(), ID: 'zapp', Marathon }));
  const list = (await api.get('/v1/jobs')).json<{ ID: string; Marathon?: boolean }[]>();
  expect(list.map((job) => [job.ID, job.Marathon])).toEqual([
    ['web', undefined],
    ['worker', undefined],
    ['zapp', true],
  ]);
  await api.state.update((tx) => tx.deleteJob('default', 'zapp'));
});

describe('a list', () => {
  it('that is long arrives whole and in order', async () => {
    const ids = await idsAt('/v1/allocations?prefix=0000');
    expect(ids).toEqual(Array.from({ length: COUNT }, (_, n) => idOf(n)));
  });

  it('that is long is the same with pretty', async () => {
    const [plain, pretty] = await Promise.all([
      api.get('/v1/job/worker/allocations'),
      api.get('/v1/job/worker/allocations?pretty'),
    ]);
    expect(pretty.json()).toEqual(plain.json());
    expect(pretty.body).toBe(JSON.stringify(plain.json(), null, 4));
  });

  it('is cut to the prefix, of any length and in any case', async () => {
    expect(await idsAt('/v1/allocations?prefix=0000000a')).toEqual([idOf(10)]);
    expect(await idsAt('/v1/allocations?prefix=0000000A-')).toEqual([idOf(10)]);
    expect(await idsAt('/v1/jobs?prefix=wor')).toEqual(['worker']);
  });

  it('comes in pages that miss nothing and repeat nothing', async () => {
    const ids: string[] = [];
    let token = '';
    do {
      const reply = await api.get(`/v1/allocations?per_page=500&next_token=${token}`);
      ids.push(...reply.json<Row[]>().map((row) => row.ID));
      token = String(reply.headers['x-nomad-nexttoken'] ?? '');
    } while (token !== '');
    expect(ids).toHaveLength(COUNT + 1);
    expect(new Set(ids).size).toBe(COUNT + 1);
  });

  it('of another namespace is empty', async () => {
    expect(await idsAt('/v1/jobs?namespace=other')).toEqual([]);
    expect(await idsAt('/v1/jobs?namespace=*')).toEqual(['web', 'worker']);
  });
});

describe('search', () => {
  it('finds what begins with the prefix, by kind', async () => {
    const reply = await api.put('/v1/search', { Prefix: 'w', Context: 'all' });
    expect(reply.json()).toMatchObject({
      Matches: { jobs: ['web', 'worker'], allocs: [], deployment: [], evals: [], nodes: [] },
      Truncations: { jobs: false },
      KnownLeader: true,
    });
  });

  it('stops at twenty and says so', async () => {
    const reply = await api.put('/v1/search', { Prefix: '0000', Context: 'allocs' });
    const { Matches, Truncations } = reply.json<{ Matches: { allocs: string[] }; Truncations: object }>();
    expect([Matches.allocs.length, Truncations]).toEqual([20, { allocs: true }]);
  });

  it('of an unknown kind says which there are', async () => {
    const reply = await api.put('/v1/search', { Prefix: 'w', Context: 'jbos' });
    expect([reply.status, reply.body]).toEqual([
      400,
      'The search context "jbos" is unknown; it is one of all, allocs, deployment, evals, jobs, namespaces, nodes.',
    ]);
  });
});

it('a deployment in a list is small; alone it tells the whole story', async () => {
  const id = idOf(5000);
  const Evidence = [
    {
      AllocID: idOf(1),
      Name: 'worker.app[0]',
      NodeName: 'n1',
      TaskGroup: 'app',
      JobVersion: 0,
      ClientStatus: 'failed' as const,
      Trouble: 'task "server": Exit Code: 1',
      TaskEvents: {},
      Checks: [],
      Output: {},
    },
  ];
  const failed = {
    Status: 'failed' as const,
    Failure: 'progress-deadline' as const,
    FailureDetail: 'Waited.',
    Evidence,
  };
  await api.state.update((tx) => tx.putDeployment(deployment({ ID: id, JobID: 'worker', ...failed })));
  const [row] = (await api.get(`/v1/deployments?prefix=${id.slice(0, 8)}`)).json<object[]>();
  expect(row).toMatchObject({ ID: id, Failure: 'progress-deadline' });
  for (const key of ['Evidence', 'FailureDetail', 'Explanation']) expect(row).not.toHaveProperty(key);
  const whole = (await api.get(`/v1/deployment/${id}`)).json<object>();
  expect(whole).toMatchObject({ Failure: 'progress-deadline', FailureDetail: 'Waited.', Evidence });
  expect(whole, 'it waits for nothing any more').not.toHaveProperty('Explanation');
  await api.state.update((tx) => tx.putDeployment(deployment({ ID: id, JobID: 'worker' })));
  expect((await api.get(`/v1/deployment/${id}`)).json<object>()).toHaveProperty('Explanation.Groups');
  expect((await api.get('/v1/job/worker/deployment')).json<object>()).toHaveProperty('Explanation.Groups');
});

it('what an instance wrote last is told of it alone, not in lists', async () => {
  const Output = { server: { Stdout: '', Stderr: 'no such table' } };
  await api.state.update((tx) => tx.putAlloc(goldenAlloc({ ID: idOf(6000), JobID: 'worker', Output })));
  expect((await api.get(`/v1/allocation/${idOf(6000)}`)).json<object>()).toMatchObject({ Output });
  const [row] = (await api.get(`/v1/allocations?prefix=${idOf(6000).slice(0, 8)}`)).json<object[]>();
  expect(row).not.toHaveProperty('Output');
});
