import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  EVAL_ID,
  goldenAlloc,
  goldenDeployment,
  goldenJob,
  goldenNode,
  seed,
  type TestApi,
  testApi,
  UNKNOWN_ID,
} from '../fixture.ts';

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
});
afterEach(() => api.app.close());

const WRITE = { Index: 29, LastContact: 0, KnownLeader: false };

describe('registering a job', () => {
  it('answers with its evaluation, and the index in the header', async () => {
    const job = { ID: 'x', Name: 'x' };
    const reply = await api.put('/v1/jobs', { Job: job, EnforceIndex: true, JobModifyIndex: 5 });
    expect(reply.json()).toEqual({
      EvalID: EVAL_ID,
      EvalCreateIndex: 29,
      JobModifyIndex: 29,
      Warnings: '',
      ...WRITE,
    });
    expect(reply.headers).toMatchObject({ 'x-nomad-index': '29', 'content-type': 'application/json' });
    expect(reply.headers).not.toHaveProperty('x-nomad-knownleader');
    const request = { EnforceIndex: true, JobModifyIndex: 5, PreserveCounts: false };
    expect(api.asked).toEqual([['registerJob', { Job: { ...job, Namespace: 'default' }, ...request }]]);
  });

  it.each([
    [{}, 'Job must be specified'],
    [{ Job: null }, 'Job must be specified'],
    [{ Job: {} }, "Job ID hasn't been provided"],
  ])('without what it needs is refused: %j', async (body, sentence) => {
    const reply = await api.put('/v1/jobs', body);
    expect([reply.status, reply.body, api.asked]).toEqual([400, sentence, []]);
  });

  it('under another id than its own is refused', async () => {
    const reply = await api.put('/v1/job/other', { Job: { ID: 'web' } });
    expect([reply.status, reply.body]).toEqual([400, 'Job ID does not match']);
  });
});

describe('planning a job', () => {
  it('answers with the plan and its index', async () => {
    const reply = await api.put('/v1/job/web/plan', { Job: goldenJob(), Diff: true });
    expect(reply.json()).toMatchObject({ JobModifyIndex: 10, FailedTGAllocs: null, CreatedEvals: null, Diff: null });
    expect(reply.headers['x-nomad-index']).toBe('29');
  });

  it('of another id than its own is refused', async () => {
    const reply = await api.put('/v1/job/other/plan', { Job: { ID: 'web' } });
    expect([reply.status, reply.body]).toEqual([400, 'Job ID does not match']);
  });
});

describe('a job', () => {
  it('is stopped, or purged where that is asked for', async () => {
    expect((await api.del('/v1/job/web')).json()).toEqual({
      EvalID: EVAL_ID,
      EvalCreateIndex: 29,
      JobModifyIndex: 29,
      VolumeEvalID: '',
      VolumeEvalIndex: 0,
      ...WRITE,
    });
    await api.del('/v1/job/web?purge=true');
    expect(api.asked).toEqual([
      ['deregisterJob', 'default', 'web', { purge: false }],
      ['deregisterJob', 'default', 'web', { purge: true }],
    ]);
  });

  it('goes back to a version, which may be bound to the one it has now', async () => {
    const reply = await api.put('/v1/job/web/revert', { JobID: 'web', JobVersion: 2, EnforcePriorVersion: null });
    const registered = { EvalID: EVAL_ID, EvalCreateIndex: 29, JobModifyIndex: 29, Warnings: '' };
    expect(reply.json()).toEqual({ ...registered, ...WRITE });
    await api.put('/v1/job/web/revert', { JobVersion: 2, EnforcePriorVersion: 3 });
    const of = { namespace: 'default', jobId: 'web' };
    expect(api.asked).toEqual([
      ['revertJob', { ...of, version: 2 }],
      ['revertJob', { ...of, version: 2, enforcePriorVersion: 3 }],
    ]);
    expect((await api.put('/v1/job/web/revert', { JobVersion: '2' })).status).toBe(400);
    expect((await api.put('/v1/job/web/revert', { JobID: 'other', JobVersion: 2 })).status).toBe(400);
  });

  it('is scaled, group by group, and says its counts', async () => {
    await seed(api.state);
    expect((await api.put('/v1/job/web/scale', { Count: 4, Target: { Group: 'app' } })).status).toBe(200);
    expect(api.asked).toEqual([['scaleJob', { namespace: 'default', jobId: 'web', group: 'app', count: 4 }]]);
    expect((await api.put('/v1/job/web/scale', { Count: 4 })).status).toBe(400);
    expect((await api.put('/v1/job/web/scale', { Target: { Group: 'app' } })).status).toBe(400);
    const counts = (await api.get('/v1/job/web/scale')).json<{ TaskGroups: Record<string, object> }>();
    expect(counts).toMatchObject({ JobID: 'web', Namespace: 'default', JobStopped: false });
    expect(counts.TaskGroups.app).toMatchObject({ Placed: 1, Running: 1, Events: null });
    expect((await api.get('/v1/job/other/scale')).status).toBe(404);
  });

  it('has a version called stable', async () => {
    const reply = await api.put('/v1/job/web/stable', { JobID: 'web', JobVersion: 1, JobStable: true });
    expect(reply.json()).toEqual({ JobModifyIndex: 29, ...WRITE });
    expect(api.asked).toEqual([['setJobStability', { namespace: 'default', jobId: 'web', version: 1, stable: true }]]);
    expect((await api.put('/v1/job/web/stable', { JobVersion: 1 })).status).toBe(400);
  });

  it('is evaluated again', async () => {
    await seed(api.state);
    const reply = await api.put('/v1/job/web/evaluate', { JobID: 'web', EvalOptions: { ForceReschedule: true } });
    const { JobModifyIndex } = goldenJob();
    expect(Object.keys(reply.json<object>())).toEqual([
      'EvalID',
      'EvalCreateIndex',
      'JobModifyIndex',
      'Warnings',
      'Index',
      'LastContact',
      'KnownLeader',
    ]);
    expect(JobModifyIndex).toBeGreaterThan(0);
    expect(api.asked).toEqual([['evaluateJob', 'default', 'web', { forceReschedule: true }]]);
  });

  it.each(['team/web', 'a:b?c&d', 'back\\slash', 'line\nbreak', '服务', '100%'])('may be called %j', async (id) => {
    await api.state.update((tx) => tx.putJob({ ...goldenJob(), ID: id }));
    expect((await api.get(`/v1/job/${encodeURIComponent(id)}`)).json()).toMatchObject({ ID: id });
    await api.del(`/v1/job/${encodeURIComponent(id)}`);
    expect(api.asked).toEqual([['deregisterJob', 'default', id, { purge: false }]]);
  });
});

describe('validating a job', () => {
  it('that is right says so', async () => {
    const reply = await api.put('/v1/validate/job', { Job: { ID: 'web', Datacenters: ['dc1'] } });
    expect(reply.body).toBe('{"DriverConfigValidated":true,"ValidationErrors":null,"Error":"","Warnings":""}');
  });

  it('that is not lists every problem', async () => {
    const reply = await api.put('/v1/validate/job', { Job: { ID: 'web' } });
    expect(reply.json()).toEqual({
      DriverConfigValidated: true,
      ValidationErrors: ['Missing job datacenters', 'Missing job task groups'],
      Error: '2 errors occurred:\n\t* Missing job datacenters\n\t* Missing job task groups\n\n',
      Warnings: '',
    });
  });
});

describe('a deployment', () => {
  it('can be failed', async () => {
    const { ID } = goldenDeployment();
    const reply = await api.put(`/v1/deployment/fail/${ID}`, { DeploymentID: ID });
    expect(reply.json()).toEqual({
      EvalID: EVAL_ID,
      EvalCreateIndex: 29,
      DeploymentModifyIndex: 29,
      RevertedJobVersion: null,
      Index: 29,
    });
  });

  it('can be paused and resumed, promoted in all or some groups, and judged by hand', async () => {
    const { ID } = goldenDeployment();
    const put = (verb: string, body: object) => api.put(`/v1/deployment/${verb}/${ID}`, { DeploymentID: ID, ...body });
    expect((await put('pause', { Pause: true })).json()).toEqual({
      EvalID: '',
      EvalCreateIndex: 0,
      DeploymentModifyIndex: 29,
      RevertedJobVersion: null,
      Index: 29,
    });
    await put('pause', { Pause: false });
    await put('promote', { All: true });
    await put('promote', { Groups: ['app'] });
    await put('weight', { Weight: 25 });
    await put('weight', { Weight: 0, Groups: ['app'] });
    await put('unblock', {});
    await put('allocation-health', { HealthyAllocationIDs: ['a'], UnhealthyAllocationIDs: null });
    expect(api.asked).toEqual([
      ['pauseDeployment', ID],
      ['resumeDeployment', ID],
      ['promoteDeployment', ID],
      ['promoteDeployment', ID, ['app']],
      ['weighDeployment', ID, 25, []],
      ['weighDeployment', ID, 0, ['app']],
      ['unblockDeployment', ID],
      ['setAllocHealth', { deploymentId: ID, healthy: ['a'], unhealthy: [] }],
    ]);
  });

  it.each([
    ['pause', {}],
    ['promote', { All: false }],
    ['promote', { Groups: [1] }],
    ['weight', { Weight: '5' }],
    ['weight', { Weight: 5, Groups: 'app' }],
    ['promote', { All: true, DeploymentID: UNKNOWN_ID }],
    ['allocation-health', { HealthyAllocationIDs: 'a' }],
  ])('refuses to %s with %j', async (verb, body) => {
    expect((await api.put(`/v1/deployment/${verb}/${goldenDeployment().ID}`, body)).status).toBe(400);
    expect(api.asked).toEqual([]);
  });

  it('that is unknown is 500 to a write', async () => {
    const reply = await api.put(`/v1/deployment/fail/${UNKNOWN_ID}`);
    expect([reply.status, reply.body]).toEqual([500, 'deployment not found']);
  });
});

describe('a node', () => {
  it('that is unknown is 500 to a purge', async () => {
    const reply = await api.put(`/v1/node/${UNKNOWN_ID}/purge`);
    expect([reply.status, reply.body]).toEqual([500, 'node not found']);
  });

  it('is made eligible or not', async () => {
    await seed(api.state);
    const { ID } = goldenNode();
    const reply = await api.put(`/v1/node/${ID}/eligibility`, { NodeID: ID, Eligibility: 'ineligible' });
    expect(reply.json()).toMatchObject({ EvalIDs: [EVAL_ID], EvalCreateIndex: 29 });
    expect((await api.put(`/v1/node/${ID}/eligibility`, { Eligibility: 'perhaps' })).status).toBe(400);
    expect(api.asked).toEqual([['setEligibility', ID, 'ineligible']]);
  });

  it('is drained with what the wire asks for, and answers with its index', async () => {
    const { ID } = goldenNode();
    const body = {
      NodeID: ID,
      DrainSpec: { Deadline: 3_600_000_000_000, IgnoreSystemJobs: true },
      Meta: { message: 'x' },
    };
    const reply = await api.put(`/v1/node/${ID}/drain`, body);
    expect(reply.json()).toEqual({ EvalIDs: [EVAL_ID], EvalCreateIndex: 29, NodeModifyIndex: 29, Index: 29 });
    await api.put(`/v1/node/${ID}/drain`, { DrainSpec: null, MarkEligible: true });
    expect(api.asked).toEqual([
      ['drainNode', ID, { spec: body.DrainSpec, markEligible: false, meta: { message: 'x' } }],
      ['drainNode', ID, { spec: null, markEligible: true, meta: null }],
    ]);
  });

  it.each([
    ['a deadline in words', { DrainSpec: { Deadline: '1h' } }, 'DrainSpec.Deadline'],
    ['a specification that is none', { DrainSpec: true }, 'DrainSpec'],
    ['a flag that is none', { DrainSpec: null, MarkEligible: 'yes' }, 'MarkEligible'],
    ['meta that is no text', { DrainSpec: null, Meta: { a: 1 } }, 'Meta'],
  ])('refuses a drain with %s', async (_, body, named) => {
    const reply = await api.put(`/v1/node/${goldenNode().ID}/drain`, body);
    expect([reply.status, reply.body]).toEqual([400, expect.stringContaining(named)]);
    expect(api.asked).toEqual([]);
  });

  it('that is evaluated evaluates each of its jobs once', async () => {
    await seed(api.state);
    await api.state.update((tx) => tx.putAlloc(goldenAlloc({ ID: UNKNOWN_ID })));
    expect((await api.put(`/v1/node/${goldenNode().ID}/evaluate`)).json()).toMatchObject({ EvalIDs: [EVAL_ID] });
    expect(api.asked).toEqual([['evaluateJob', 'default', 'web', { forceReschedule: false }]]);
  });
});

it('stopping an allocation answers with the evaluation that replaces it', async () => {
  const reply = await api.put(`/v1/allocation/${goldenAlloc().ID}/stop`);
  expect(reply.json()).toEqual({ EvalID: EVAL_ID, Index: 29 });
  await api.put(`/v1/allocation/${goldenAlloc().ID}/stop?no_shutdown_delay=true`);
  expect(api.asked).toEqual([
    ['stopAlloc', goldenAlloc().ID],
    ['stopAlloc', goldenAlloc().ID, { noShutdownDelay: true }],
  ]);
});
