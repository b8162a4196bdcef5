/** The real server behind the API, asked what a real peer was asked; the answers are compared word for word. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededIds } from '../lib/ids.ts';
import { silentLog } from '../lib/log.ts';
import { seededRandom } from '../lib/random.ts';
import { settle, VirtualClock } from '../lib/virtual-clock.ts';
import { Server } from '../server/server.ts';
import { State } from '../state/state.ts';
import { openMemoryStorage } from '../state/storage/memory.ts';
import { golden, goldenNode, type TestApi, testApi, UNKNOWN_ID } from './fixture.ts';

let api: TestApi;
let stop: AbortController;
let running: Promise<void>;
const JOB = golden<Record<string, unknown>>('job_request');

beforeEach(async () => {
  const state = await State.open(openMemoryStorage(), { freezeRows: true });
  const clock = new VirtualClock();
  const random = seededRandom('whole server');
  const server = new Server({ state, clock, newId: seededIds(random), random, log: silentLog, breathe: settle });
  stop = new AbortController();
  running = server.run(stop.signal);
  api = await testApi({ state, server, clock, traffic: server.traffic });
});
afterEach(async () => {
  stop.abort();
  await running;
  await api.app.close();
});

async function idle(): Promise<void> {
  for (let i = 0; i < 50; i++) await settle();
}

describe('the answers of a real peer', () => {
  it('to jobs that are not right', async () => {
    const reply = await api.put('/v1/jobs', { Job: { ID: 'x', Name: 'x' } });
    expect([reply.status, reply.body]).toEqual([
      500,
      '2 errors occurred:\n\t* Missing job datacenters\n\t* Missing job task groups\n\n',
    ]);
    const valid = await api.put('/v1/validate/job', { Job: JOB });
    expect(valid.body).toBe('{"DriverConfigValidated":true,"ValidationErrors":null,"Error":"","Warnings":""}');
  });

  it('to an index that is not the one to enforce', async () => {
    const enforce = (JobModifyIndex: number) => api.put('/v1/jobs', { Job: JOB, EnforceIndex: true, JobModifyIndex });
    expect((await enforce(5)).body).toBe('Enforcing job modify index 5: job does not exist');
    expect((await enforce(0)).status).toBe(200);
    const again = await enforce(0);
    expect([again.status, again.body]).toEqual([500, 'Enforcing job modify index 0: job already exists']);
  });

  it('to a plan of a new job', async () => {
    const reply = await api.put('/v1/job/web/plan', { Job: JOB, Diff: true, PolicyOverride: false });
    expect(reply.json()).toMatchObject({
      JobModifyIndex: 0,
      CreatedEvals: null,
      NextPeriodicLaunch: null,
      Warnings: '',
      Diff: { Type: 'Added', ID: 'web' },
    });
    expect(api.state.view((tx) => tx.job('default', 'web'))).toBeUndefined();
  });

  it('to a job from its registration to its purge', async () => {
    await api.put('/v1/internal/node/register', goldenNode());
    const registered = await api.put('/v1/jobs', { Job: JOB, EnforceIndex: true, JobModifyIndex: 0 });
    expect(Object.keys(registered.json<object>())).toEqual([
      'EvalID',
      'EvalCreateIndex',
      'JobModifyIndex',
      'Warnings',
      'Index',
      'LastContact',
      'KnownLeader',
    ]);
    await idle();
    expect((await api.get('/v1/job/web/allocations')).json()).toMatchObject([{ JobID: 'web' }, { JobID: 'web' }]);
    const assigned = (await api.get(`/v1/internal/node/${goldenNode().ID}/allocations`)).json<{ Allocs: unknown[] }>();
    expect(assigned.Allocs).toHaveLength(2);
    expect((await api.get('/v1/job/web/deployment')).json()).toMatchObject({ Status: 'running', JobVersion: 0 });

    expect((await api.del('/v1/job/web')).status).toBe(200);
    expect((await api.get('/v1/job/web')).json()).toMatchObject({ Stop: true });
    expect((await api.del('/v1/job/web?purge=true')).status).toBe(200);
    const gone = await api.get('/v1/job/web');
    expect([gone.status, gone.body]).toEqual([404, 'job not found']);
    expect(Number(gone.headers['x-nomad-index'])).toBeGreaterThan(0);
    expect((await api.del('/v1/job/nosuch')).status).toBe(200);
  });

  it('to deployments that have ended or never were', async () => {
    await api.put('/v1/internal/node/register', goldenNode());
    await api.put('/v1/jobs', { Job: JOB });
    await idle();
    const { ID } = (await api.get('/v1/job/web/deployment')).json<{ ID: string }>();
    expect((await api.put(`/v1/deployment/fail/${ID}`)).status).toBe(200);
    const again = await api.put(`/v1/deployment/fail/${ID}`);
    expect([again.status, again.body]).toEqual([500, "can't fail terminal deployment"]);
    const unknown = await api.put(`/v1/deployment/fail/${UNKNOWN_ID}`);
    expect([unknown.status, unknown.body]).toEqual([500, 'deployment not found']);
  });

  it('to a node that never was', async () => {
    const reply = await api.put(`/v1/node/${UNKNOWN_ID}/purge`);
    expect([reply.status, reply.body]).toEqual([500, 'node not found']);
  });
});

it('what a purged job left behind is not its successor’s, unless all of it is asked for', async () => {
  const lists = async (query = '') => {
    const [allocs, deployments] = await Promise.all([
      api.get(`/v1/job/web/allocations${query}`),
      api.get(`/v1/job/web/deployments${query}`),
    ]);
    return [allocs.json<unknown[]>().length, deployments.json<unknown[]>().length];
  };
  await api.put('/v1/internal/node/register', goldenNode());
  await api.put('/v1/jobs', { Job: JOB });
  await idle();
  await api.del('/v1/job/web?purge=true');
  await idle();
  expect(await lists()).toEqual([2, 1]);
  await api.put('/v1/jobs', { Job: { ...JOB, Datacenters: ['nowhere'] } });
  await idle();
  expect(await lists()).toEqual([0, 1]);
  expect(await lists('?all=true')).toEqual([2, 2]);
  expect((await api.get('/v1/job/web/deployment')).json()).toMatchObject({ Status: 'running' });
});

it('an ingress is listed with what it said last, until it leaves', async () => {
  const report = { ID: 'i-1', Name: 'edge', DataPlane: 'embedded', AppliedIndex: 3, Servers: {} };
  await api.put('/v1/ingress/report', report);
  expect((await api.get('/v1/ingresses')).json()).toMatchObject([
    { ID: 'i-1', AppliedIndex: 3, LeaseUntilMs: api.clock.nowMs() + 10_000 },
  ]);
  await api.del('/v1/ingress/i-1');
  expect((await api.get('/v1/ingresses')).body).toBe('[]');
});
