/** Apps and their deployments over HTTP, as Marathon's clients ask for them. */
import { afterEach, expect, it } from 'vitest';
import { closeAll, marathonRig } from './fixture.ts';

afterEach(closeAll);

const WEB = { id: '/demo/web', cmd: 'serve', cpus: 0.1, instances: 2, ports: [0] };

it('a posted app is answered whole, with its deployment, and runs', async () => {
  const { call, get, finish } = await marathonRig();
  const made = await call('POST', '/v2/apps', WEB);
  expect([made.status, made.headers.location]).toEqual([201, 'http://localhost:80/v2/apps/demo/web']);
  expect(made.headers['marathon-deployment-id']).toBe(made.json.deployments[0].id);
  expect(made.json).toMatchObject({ id: '/demo/web', ports: [10_000], tasksRunning: 0, tasks: [], args: null });
  expect(made.json).not.toHaveProperty('versionInfo');
  expect((await get('/v2/deployments')).json).toEqual([
    {
      id: made.json.deployments[0].id,
      version: made.json.version,
      affectedApps: ['/demo/web'],
      affectedPods: [],
      steps: [
        { actions: [{ action: 'StartApplication', app: '/demo/web' }] },
        { actions: [{ action: 'ScaleApplication', app: '/demo/web' }] },
      ],
      currentActions: [{ action: 'ScaleApplication', app: '/demo/web', readinessCheckResults: [] }],
      currentStep: 2,
      totalSteps: 2,
    },
  ]);
  await finish();
  const shown = await get('/v2/apps//demo/web');
  expect(shown.json.app).toMatchObject({
    instances: 2,
    tasksRunning: 2,
    tasksStaged: 0,
    deployments: [],
    versionInfo: { lastScalingAt: made.json.version, lastConfigChangeAt: made.json.version },
    tasks: [{ appId: '/demo/web', host: '127.0.0.1', state: 'TASK_RUNNING', version: made.json.version }, {}],
  });
  expect(shown.json.app.tasks[0].id).toMatch(/^demo_web\.[0-9a-f-]{36}$/);
  expect(shown.json.app.tasks[0].ports).toHaveLength(1);
  expect(shown.headers).toMatchObject({
    'x-marathon-leader': 'http://127.0.0.1:8080',
    'cache-control': 'no-cache, no-store, must-revalidate',
    pragma: 'no-cache',
    expires: '0',
    'content-type': 'application/json',
  });
});

it('a change is partial unless it says otherwise, and a version alone leads back', async () => {
  const { call, get, finish } = await marathonRig();
  const first = (await call('POST', '/v2/apps', { ...WEB, labels: { a: 'b' } })).json.version;
  await finish();
  const scaled = await call('PUT', '/v2/apps/demo/web', { instances: 3 });
  expect([scaled.status, Object.keys(scaled.json)]).toEqual([200, ['version', 'deploymentId']]);
  await finish();
  await call('PUT', '/v2/apps/demo/web?partialUpdate=False', { cmd: 'other', instances: 1 });
  await finish();
  expect((await get('/v2/apps/demo/web')).json.app).toMatchObject({ cmd: 'other', instances: 1, labels: {}, cpus: 1 });
  const { versions } = (await get('/v2/apps/demo/web/versions')).json;
  expect(versions).toHaveLength(3);
  expect(versions.slice(1)).toEqual([scaled.json.version, first]);
  expect((await get(`/v2/apps/demo/web/versions/${first}`)).json).toMatchObject({ id: '/demo/web', instances: 2 });
  expect((await call('PUT', '/v2/apps/demo/web', { version: first })).status).toBe(200);
  await finish();
  expect((await get('/v2/apps/demo/web')).json.app).toMatchObject({ cmd: 'serve', instances: 2, labels: { a: 'b' } });
  const unknown = await call('PUT', '/v2/apps/demo/web', { version: '2000-01-01T00:00:00.000Z' });
  expect([unknown.status, unknown.json.message]).toEqual([
    404,
    "App '/demo/web' does not exist in version 2000-01-01T00:00:00.000Z",
  ]);
  expect((await call('PUT', '/v2/apps/demo/web', { version: 'yesterday' })).status).toBe(422);
  expect((await call('PUT', '/v2/apps/demo/web', { version: first, cmd: 'x' })).status).toBe(422);
  const whole = (await get('/v2/apps/demo/web')).json.app;
  expect((await call('PUT', '/v2/apps/demo/web', whole)).status, 'an answer that is sent back').toBe(200);
});

it('an app is put where there is none, restarted, and removed', async () => {
  const { call, get, finish } = await marathonRig();
  expect((await call('PUT', '/v2/apps/web', { cmd: 'serve', cpus: 0.1 })).status).toBe(201);
  await finish();
  const [before] = (await get('/v2/apps/web/tasks')).json.tasks;
  expect((await call('POST', '/v2/apps/web/restart')).status).toBe(200);
  await finish();
  expect((await get('/v2/apps/web/tasks')).json.tasks[0].id).not.toBe(before.id);
  expect((await call('DELETE', '/v2/apps/web')).status).toBe(200);
  await finish();
  expect((await get('/v2/apps')).json).toEqual({ apps: [] });
});

it('several apps are one deployment', async () => {
  const { call, get } = await marathonRig();
  const put = await call('PUT', '/v2/apps', [
    { id: 'a', cmd: 'x' },
    { id: 'b', cmd: 'y' },
  ]);
  expect(put.status).toBe(200);
  expect((await get('/v2/deployments')).json[0].affectedApps).toEqual(['/a', '/b']);
  expect((await call('PATCH', '/v2/apps', [{ id: 'c', cmd: 'x' }])).status).toBe(404);
});

it('apps are found by id, command, label and group', async () => {
  const { call, get } = await marathonRig();
  await call('POST', '/v2/apps', { id: '/shop/web', cmd: 'Serve', labels: { tier: 'front', 'a.b': 'c,d' } });
  await call('POST', '/v2/apps', { id: '/shop/db', cmd: 'store', labels: { tier: 'back' } });
  const found = async (query: string) => (await get(`/v2/apps?${query}`)).json.apps.map(({ id }: { id: string }) => id);
  expect(await found('id=WEB')).toEqual(['/shop/web']);
  expect(await found('cmd=serve')).toEqual(['/shop/web']);
  expect(await found('label=tier')).toEqual(['/shop/db', '/shop/web']);
  expect(await found('label=tier==back')).toEqual(['/shop/db']);
  expect(await found('label=tier!=back')).toEqual(['/shop/web']);
  expect(await found('label=tier in (front, back),a.b')).toEqual(['/shop/web']);
  expect(await found(`label=${encodeURIComponent('a.b==c\\,d')}`)).toEqual(['/shop/web']);
  expect(await found('label=tier notin (front)')).toEqual(['/shop/db']);
  expect(await found('label=other!=x')).toEqual([]);
  expect((await get('/v2/apps?label===')).status).toBe(422);
  expect((await get('/v2/apps/shop/*')).json['*']).toHaveLength(2);
  expect((await get('/v2/apps/nope/*')).json['*']).toHaveLength(0);
});

it('what is not right is refused in the words and forms of Marathon', async () => {
  const { call, get } = await marathonRig();
  const refused = async (method: string, url: string, body?: unknown) => {
    const { status, json } = await call(method, url, body);
    return [status, json];
  };
  expect(await refused('POST', '/v2/apps', '{')).toMatchObject([400, { message: 'Invalid JSON' }]);
  expect(await refused('POST', '/v2/apps', { id: 7, cmd: 'x' })).toEqual([
    400,
    { message: 'Invalid JSON', details: [{ path: '/id', errors: ['error.expected.jsstring'] }] },
  ]);
  expect(await refused('POST', '/v2/apps', { id: 'Upper_case', cmd: 'x' })).toMatchObject([
    422,
    { message: 'Object is not valid', details: [{ path: '/id' }] },
  ]);
  expect(await refused('GET', '/v2/apps/nope')).toEqual([404, { message: "App '/nope' does not exist" }]);
  expect(await refused('DELETE', '/v2/apps/nope')).toEqual([404, { message: "App '/nope' does not exist" }]);
  expect(await refused('GET', '/v3')).toEqual([404, { message: 'URI not found: /v3' }]);
  expect(await refused('DELETE', '/v2/info')).toMatchObject([405, { message: /./ }]);
  const made = await call('POST', '/v2/apps', WEB);
  expect(await refused('POST', '/v2/apps', WEB)).toEqual([
    409,
    { message: 'An app with id [/demo/web] already exists.' },
  ]);
  expect(await refused('PUT', '/v2/apps/demo/web', { instances: 5 })).toMatchObject([
    409,
    { message: /^App is locked/, deployments: [{ id: made.json.deployments[0].id }] },
  ]);
  expect((await call('PUT', '/v2/apps/demo/web?force=True', { instances: 5 })).status).toBe(200);
  expect((await get('/v2/deployments')).json).toHaveLength(1);
});

it('an app whose way in another holds, or whose name is that of a job, is refused at once', async () => {
  const { call, get, world } = await marathonRig();
  const labels = { HAPROXY_GROUP: 'external' };
  await call('POST', '/v2/apps', { id: 'one', cmd: 'x', ports: [19_500], labels });
  const second = await call('POST', '/v2/apps', { id: 'two', cmd: 'x', ports: [19_500], labels });
  expect(second.status).toBe(422);
  expect(second.json.details[0].errors[0]).toMatch(/cannot listen on port 19500: job "one" does already/);
  const job = world.state.view((tx) => tx.job('default', 'one'))!;
  const { Marathon: _, ...plain } = job;
  await world.server.registerJob({
    Job: { ...plain, ID: 'plain', Name: 'plain', TaskGroups: [{ ...plain.TaskGroups[0]!, Services: null }] },
  });
  const third = await call('POST', '/v2/apps', { id: 'plain', cmd: 'x' });
  expect([third.status, third.json.details[0].path]).toEqual([422, '/id']);
  expect((await get('/v2/deployments')).json).toHaveLength(1);
});

it('an app that is registered as a job without its part is an ordinary job, and the answer says so', async () => {
  const { call, get, finish, world } = await marathonRig();
  await call('POST', '/v2/apps', WEB);
  await finish();
  const { Marathon: _, ...job } = world.state.view((tx) => tx.job('default', 'demo/web'))!;
  const { Warnings } = await world.server.registerJob({ Job: { ...job, Meta: { plain: 'yes' } } });
  expect(Warnings).toContain('was an app of Marathon and is an ordinary job from now on');
  expect((await get('/v2/apps')).json.apps).toEqual([]);
});

it('an app that is scaled as a job is still one, with the new count', async () => {
  const { call, get, finish, world } = await marathonRig();
  await call('POST', '/v2/apps', WEB);
  await finish();
  await world.server.scaleJob({ namespace: 'default', jobId: 'demo/web', group: 'web', count: 5 });
  const { app } = (await get('/v2/apps/demo/web')).json;
  expect(app.instances).toBe(5);
  expect((await get('/v2/apps/demo/web/versions')).json.versions).toEqual([
    app.version,
    app.versionInfo.lastConfigChangeAt,
  ]);
  expect(app.versionInfo.lastScalingAt).toBe(app.version);
});

it('a deployment leads back when it is deleted, and is only cancelled by force', async () => {
  const { call, get, finish } = await marathonRig();
  const made = await call('POST', '/v2/apps', WEB);
  const back = await call('DELETE', `/v2/deployments/${made.json.deployments[0].id}`);
  expect(back.status).toBe(200);
  await finish();
  expect((await get('/v2/apps')).json.apps).toEqual([]);
  const again = await call('POST', '/v2/apps', WEB);
  const gone = await call('DELETE', `/v2/deployments/${again.json.deployments[0].id}?force=true`);
  expect([gone.status, gone.body]).toEqual([202, '']);
  expect((await get('/v2/deployments')).json).toEqual([]);
  expect((await call('DELETE', '/v2/deployments/nope')).json.message).toBe('DeploymentPlan nope does not exist');
});

it('who is there, and whether it lives', async () => {
  const { call, get } = await marathonRig();
  expect((await get('/v2/info')).json).toMatchObject({
    name: 'marathon',
    leader: '127.0.0.1:8080',
    elected: true,
    http_config: { http_port: 8080, https_port: null },
  });
  expect((await get('/v2/leader')).json).toEqual({ leader: '127.0.0.1:8080' });
  expect((await get('/ping')).body).toBe('pong');
  expect((await call('GET', '/ping', undefined, { accept: 'application/json' })).body).toBe('"pong"');
  expect((await call('HEAD', '/v2/pods')).status).toBe(200);
  expect((await get('/v2/pods/::status')).json).toEqual([]);
  for (const suffix of ['', '::status', '::versions']) {
    const none = await get(`/v2/pods/shop/web${suffix}`);
    expect([none.status, none.json]).toEqual([404, { message: "Pod '/shop/web' does not exist" }]);
  }
  expect((await call('DELETE', '/v2/pods/web::instances/i-1')).json).toEqual({ message: "Pod '/web' does not exist" });
  expect((await call('POST', '/v2/pods', {})).status).toBe(422);
  expect((await call('GET', '/ping', undefined, { host: 'evil.example.com' })).status).toBe(403);
});

it('where tokens are in use, the password is the token', async () => {
  const { call } = await marathonRig({ tokens: { management: 'secret', agent: 'other' } });
  const refused = await call('GET', '/v2/info');
  expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Basic realm="Serin", charset="UTF-8"']);
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  expect((await call('GET', '/v2/info', undefined, basic('any:secret'))).status).toBe(200);
  expect((await call('GET', '/v2/info', undefined, basic('any:wrong'))).status).toBe(401);
  expect((await call('GET', '/v2/info', undefined, { authorization: 'token=secret' })).status).toBe(200);
  expect((await call('GET', '/ping')).status).toBe(200);
});
