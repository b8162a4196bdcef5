/** Groups over HTTP. */
import { afterEach, expect, it } from 'vitest';
import { closeAll, marathonRig } from './fixture.ts';

afterEach(closeAll);

const SHOP = {
  id: '/shop',
  dependencies: [],
  apps: [{ id: 'web', cmd: 'serve', cpus: 0.1, instances: 2, dependencies: ['store/db'] }],
  groups: [{ id: 'store', apps: [{ id: 'db', cmd: 'store', cpus: 0.1 }] }],
};

it('a group is made with everything in it, and shown as a tree', async () => {
  const { call, get, finish } = await marathonRig();
  const made = await call('POST', '/v2/groups', SHOP);
  expect([made.status, Object.keys(made.json)]).toEqual([201, ['version', 'deploymentId']]);
  const [deployment] = (await get('/v2/deployments')).json;
  expect(deployment.steps.at(-1).actions, 'what others need comes first').toEqual([
    { action: 'ScaleApplication', app: '/shop/web' },
  ]);
  await finish();
  expect((await get('/v2/groups')).json).toMatchObject({
    id: '/',
    apps: [],
    pods: [],
    groups: [
      { id: '/shop', apps: [{ id: '/shop/web' }], groups: [{ id: '/shop/store', apps: [{ id: '/shop/store/db' }] }] },
    ],
  });
  const embedded = await get('/v2/groups/shop?embed=group.apps&embed=group.apps.counts');
  expect(embedded.json).toMatchObject({ id: '/shop', apps: [{ tasksRunning: 2 }], version: made.json.version });
  expect(embedded.json).not.toHaveProperty('groups');
  expect((await get('/v2/groups/shop/apps')).json).toMatchObject([{ id: '/shop/web' }]);
  expect((await get('/v2/groups/apps')).json, 'of the root group').toEqual([]);
  expect((await get('/v2/groups/versions')).json).toEqual([made.json.version]);
  const again = await call('POST', '/v2/groups', SHOP);
  expect([again.status, again.json.message]).toEqual([
    409,
    'Group /shop is already created. Use PUT to change this group.',
  ]);
  expect((await get('/v2/groups/nope')).json).toEqual({ message: "Group '/nope' does not exist" });
});

it('a change says everything of what it names, can be tried dry, scales, and leads back', async () => {
  const { call, get, finish } = await marathonRig();
  await call('POST', '/v2/groups', SHOP);
  await finish();
  const ids = async () =>
    (await get('/v2/apps')).json.apps.map((app: { id: string; instances: number }) => `${app.id} ${app.instances}`);
  const before = (await get('/v2/groups/shop/versions')).json;
  const dry = await call('PUT', '/v2/groups/shop?dryRun=true', { groups: [] });
  expect(dry.json).toEqual({ steps: [{ actions: [{ action: 'StopApplication', app: '/shop/store/db' }] }] });
  expect(await ids()).toEqual(['/shop/store/db 1', '/shop/web 2']);
  await call('PUT', '/v2/groups/shop', { scaleBy: 1.5 });
  await finish();
  expect(await ids()).toEqual(['/shop/store/db 2', '/shop/web 3']);
  expect((await call('PUT', '/v2/groups/shop', { version: before[0] })).status).toBe(200);
  await finish();
  expect(await ids()).toEqual(['/shop/store/db 1', '/shop/web 2']);
  await call('PUT', '/v2/groups/shop', { apps: [{ id: 'new', cmd: 'x', cpus: 0.1 }] });
  await finish();
  expect(await ids()).toEqual(['/shop/new 1', '/shop/store/db 1']);
  expect((await get(`/v2/groups/shop/versions/${before[0]}`)).json.groups[0].apps).toMatchObject([
    { id: '/shop/store/db' },
  ]);
  expect((await call('DELETE', '/v2/groups/shop')).status).toBe(200);
  await finish();
  expect((await get('/v2/groups')).json.groups).toEqual([]);
});

it('what is wrong is said with its path', async () => {
  const { call } = await marathonRig();
  const types = await call('POST', '/v2/groups', { id: '/a', groups: [{ id: 'b', apps: [{ id: 'x', cmd: 7 }] }] });
  expect([types.status, types.json.details]).toEqual([
    400,
    [{ path: '/groups(0)/apps(0)/cmd', errors: ['error.expected.jsstring'] }],
  ]);
  expect((await call('POST', '/v2/groups', { id: '/Upper' })).status).toBe(422);
  expect((await call('PUT', '/v2/groups/a', { scaleBy: -1 })).status).toBe(422);
  const factor = await call('PUT', '/v2/groups/a', { scaleBy: '2' });
  expect([factor.status, factor.json.details]).toEqual([
    400,
    [{ path: '/scaleBy', errors: ['error.expected.jsnumber'] }],
  ]);
  expect((await call('POST', '/v2/groups', { id: '/empty' })).status).toBe(201);
});

it('what stands in no group of its own and needs nobody that needs it is refused as a whole', async () => {
  const { call, get, finish } = await marathonRig();
  await call('POST', '/v2/groups', SHOP);
  await finish();
  const detailsOf = async (method: string, url: string, body: object) => {
    const { status, json } = await call(method, url, body);
    return [status, json.message, json.details[0].errors[0]];
  };
  const both = (id: string) => [
    422,
    'Object is not valid',
    `Groups and Applications may not have the same identifier: '${id}' would be both, give one of them another id`,
  ];
  const circle = (text: string) => [422, 'Object is not valid', `Dependency graph has cyclic dependencies. (${text})`];
  expect(await detailsOf('POST', '/v2/apps', { id: '/shop/store', cmd: 'x' })).toEqual(both('/shop/store'));
  expect(await detailsOf('PUT', '/v2/apps/shop/web/x', { cmd: 'x' })).toEqual(both('/shop/web'));
  expect(await detailsOf('POST', '/v2/groups', { id: '/shop/web' })).toEqual(both('/shop/web'));
  expect(await detailsOf('PUT', '/v2/apps/shop/store/db', { dependencies: ['/shop/web'] })).toEqual(
    circle('/shop/store/db needs /shop/web needs /shop/store/db'),
  );
  expect(await detailsOf('PUT', '/v2/apps/shop/web', { dependencies: ['/shop/web'] })).toEqual(
    circle('/shop/web needs /shop/web'),
  );
  expect((await get('/v2/deployments')).json).toEqual([]);
  expect((await get('/v2/groups/shop/versions')).json).toHaveLength(1);
});

it('an app without an id is no app', async () => {
  const { call } = await marathonRig();
  const alone = await call('POST', '/v2/apps', { cmd: 'x', cpus: 'many' });
  expect([alone.status, alone.json]).toEqual([
    400,
    {
      message: 'Invalid JSON',
      details: [
        { path: '/id', errors: ['error.path.missing'] },
        { path: '/cpus', errors: ['error.expected.jsnumber'] },
      ],
    },
  ]);
  const within = await call('POST', '/v2/groups', { id: '/a', apps: [{ cmd: 'x' }] });
  expect([within.status, within.json.details]).toEqual([
    400,
    [{ path: '/apps(0)/id', errors: ['error.path.missing'] }],
  ]);
});

it('the root group is there from the start: creating it again stops nothing', async () => {
  const { call, get, finish } = await marathonRig();
  await call('POST', '/v2/apps', { id: '/web', cmd: 'serve', cpus: 0.1 });
  await finish();
  const again = await call('POST', '/v2/groups', { apps: [] });
  expect([again.status, again.json.message]).toEqual([
    409,
    'Group / is already created. Use PUT to change this group.',
  ]);
  expect((await get('/v2/apps')).json.apps).toMatchObject([{ id: '/web', instances: 1 }]);
});

it('a group says nothing of apps and groups that stand elsewhere', async () => {
  const { call, get } = await marathonRig();
  const made = await call('POST', '/v2/groups', {
    id: '/a',
    apps: [
      { id: '/b/x', cmd: 'serve' },
      { id: 'y', cmd: 'serve' },
    ],
    groups: [{ id: 'c', groups: [{ id: '/a/d' }] }],
  });
  expect([made.status, made.json.details]).toEqual([
    422,
    [
      { path: '/apps(0)/id', errors: ["Identifier is not child of '/a'. Hint: use relative paths."] },
      { path: '/groups(0)/groups(0)/id', errors: ["Identifier is not child of '/a/c'. Hint: use relative paths."] },
    ],
  ]);
  expect((await get('/v2/apps')).json.apps).toEqual([]);
});
