/** What is kept of groups, read and led back to over HTTP, also by a server that was started again. */
import { afterEach, expect, it } from 'vitest';
import { settle } from '../../lib/virtual-clock.ts';
import { MemoryRecords } from '../../state/storage/memory.ts';
import { closeAll, type MarathonRig, marathonRig } from './fixture.ts';

afterEach(closeAll);

const app = (id: string, fields: object = {}) => ({ id, cmd: 'serve', cpus: 0.1, ...fields });

// biome-ignore lint/suspicious/noExplicitAny: whatever came.
type Group = any;

/** What a group says of its apps and groups, without when it came to say so. */
const said = ({ id, apps, groups, dependencies }: Group): unknown => ({
  id,
  dependencies,
  apps: apps.map(({ version: _, versionInfo: __, ...each }: Group) => each),
  groups: groups.map(said),
});

const shop = async ({ get }: MarathonRig) => (await get('/v2/groups/shop')).json;
const versions = async ({ get }: MarathonRig, group = '/shop'): Promise<string[]> =>
  (await get(`/v2/groups${group}/versions`)).json;
const apps = async ({ get }: MarathonRig): Promise<string[]> =>
  (await get('/v2/apps')).json.apps.map(({ id, instances, cmd }: Group) => `${id} ${instances} ${cmd}`);

async function again({ world }: MarathonRig, records: MemoryRecords): Promise<MarathonRig> {
  await world.stop();
  const rig = await marathonRig({}, records);
  await settle();
  return rig;
}

/** /shop through five versions, newest last, with what it said at each. */
async function history(records: MemoryRecords) {
  const rig = await marathonRig({}, records);
  const steps: [string, string, object?][] = [
    [
      'POST',
      '/v2/groups',
      {
        id: '/shop',
        apps: [app('web', { instances: 2, dependencies: ['store/db'] })],
        groups: [{ id: 'store', apps: [app('db', { env: { A: '1' } })] }],
      },
    ],
    ['PUT', '/v2/apps/shop/web', { cmd: 'serve better', instances: 3 }],
    ['DELETE', '/v2/apps/shop/store/db'],
    ['PUT', '/v2/groups/shop', { dependencies: ['/base'], groups: [{ id: 'cache', apps: [app('redis')] }] }],
    ['DELETE', '/v2/groups/shop'],
  ];
  const found: { version: string; said?: unknown }[] = [];
  for (const [method, url, body] of steps) {
    const { json, status } = await rig.call(method, url, body);
    expect([method, url, status]).toEqual([method, url, method === 'POST' ? 201 : 200]);
    await rig.finish();
    const group = await shop(rig);
    found.push({ version: json.version, ...(group.id && { said: said(group) }) });
    if (group.id) expect(group.version).toBe(json.version);
  }
  await rig.call('POST', '/v2/apps', app('/other'));
  await rig.finish();
  return { rig, found };
}

it('every listed version of a group is read as it was, and led back to, also after a restart', async () => {
  const records = new MemoryRecords();
  const { rig: before, found } = await history(records);
  const rig = await again(before, records);
  const there = found.slice(0, 4);
  expect(await versions(rig), 'the one without the group is none of its').toEqual(
    there.map(({ version }) => version).reverse(),
  );
  for (const { version, said: was } of there) {
    const { json } = await rig.get(`/v2/groups/shop/versions/${version}`);
    expect(said(json)).toEqual(was);
    expect(json.version).toBe(version);
  }
  for (const { version, said: was } of there) {
    expect((await rig.call('PUT', '/v2/groups/shop', { version })).status).toBe(200);
    expect((await rig.get('/v2/deployments')).json, 'one deployment').toHaveLength(1);
    await rig.finish();
    expect(said(await shop(rig))).toEqual(was);
  }
  expect(await apps(rig), 'what stands elsewhere is untouched').toContain('/other 1 serve');
  expect((await versions(rig)).length).toBe(8);
});

it('leading back is planned like any change: what has gone comes back, what came goes, in the order of its needs', async () => {
  const { rig, found } = await history(new MemoryRecords());
  await rig.call('PUT', '/v2/groups/shop', { version: found[3]!.version });
  await rig.finish();
  const body = { version: found[0]!.version };
  const kept = await versions(rig);
  const { steps } = (await rig.call('PUT', '/v2/groups/shop?dryRun=true', body)).json;
  expect(steps.map(({ actions }: Group) => actions.map((each: Group) => `${each.action} ${each.app}`))).toEqual([
    ['StopApplication /shop/cache/redis'],
    ['StartApplication /shop/store/db'],
    ['ScaleApplication /shop/store/db'],
    ['RestartApplication /shop/web'],
  ]);
  expect(await versions(rig)).toEqual(kept);
  const { json } = await rig.call('PUT', '/v2/groups/shop', body);
  expect((await rig.get('/v2/deployments')).json[0]).toMatchObject({ id: json.deploymentId, steps });
  await rig.finish();
  expect((await versions(rig))[0]).toBe(json.version);
  expect((await rig.get('/v2/apps/shop/web/versions')).json.versions, 'of before it was removed as well').toContain(
    found[0]!.version,
  );
});

it('a version that nobody knows is refused, whatever for', async () => {
  const { rig, found } = await history(new MemoryRecords());
  const unknown = '2001-01-01T00:00:00.000Z';
  const read = await rig.get(`/v2/groups/shop/versions/${unknown}`);
  expect([read.status, read.json]).toEqual([404, { message: `Group '/shop' does not exist in version ${unknown}` }]);
  const put = await rig.call('PUT', '/v2/groups/shop', { version: unknown });
  expect([put.status, put.json]).toEqual([422, { message: `Group '/shop' not available in version ${unknown}` }]);
  const without = found[4]!.version;
  expect((await rig.get(`/v2/groups/shop/versions/${without}`)).status, 'it was gone by then').toBe(404);
  expect((await rig.call('PUT', '/v2/groups/shop', { version: without })).status).toBe(422);
  expect((await rig.call('PUT', '/v2/groups/shop', { version: 'yesterday' })).status).toBe(422);
  expect((await rig.get('/v2/groups/never/versions')).json).toEqual({ message: "Group '/never' does not exist" });
});

it('a group that another deployment holds is led back by force alone', async () => {
  const { rig, found } = await history(new MemoryRecords());
  const [first, second] = found;
  await rig.call('PUT', '/v2/groups/shop', { version: first!.version });
  await rig.finish();
  const { json: held } = await rig.call('PUT', '/v2/apps/shop/web', { cmd: 'worse' });
  const refused = await rig.call('PUT', '/v2/groups/shop', { version: second!.version });
  expect([refused.status, refused.json.deployments]).toEqual([409, [{ id: held.deploymentId }]]);
  expect((await shop(rig)).apps[0].cmd).toBe('worse');
  expect((await rig.call('PUT', '/v2/groups/shop?force=true', { version: second!.version })).status).toBe(200);
  await rig.finish();
  expect(said(await shop(rig))).toEqual(second!.said);
});

it('a deployment that is rolled back undoes what it did, removed apps and dependencies included, and nothing else', async () => {
  const { rig, found } = await history(new MemoryRecords());
  await rig.call('PUT', '/v2/groups/shop', { version: found[0]!.version });
  await rig.finish();
  const was = said(await shop(rig));
  const { json: moved } = await rig.call('PUT', '/v2/groups/shop', {
    dependencies: ['/other'],
    apps: [app('web', { cmd: 'worse' }), app('new')],
    groups: [],
  });
  await rig.call('PUT', '/v2/apps/other', { cmd: 'meanwhile' });
  const back = await rig.call('DELETE', `/v2/deployments/${moved.deploymentId}`);
  expect([back.status, Object.keys(back.json)]).toEqual([200, ['version', 'deploymentId']]);
  expect(said(await shop(rig)), 'at once, as it is to be').toEqual(was);
  await rig.finish();
  expect(said(await shop(rig))).toEqual(was);
  expect(await apps(rig)).toEqual(['/other 1 meanwhile', '/shop/store/db 1 serve', '/shop/web 2 serve']);
  expect((await versions(rig))[0]).toBe(back.json.version);
});

it('a forced change that is rolled back leads to what everybody saw before, not to what was done of it', async () => {
  const rig = await marathonRig();
  await rig.call('POST', '/v2/apps', app('/web', { instances: 4 }));
  const forced = await rig.call('PUT', '/v2/apps/web?force=true', { instances: 9 });
  await rig.call('DELETE', `/v2/deployments/${forced.json.deploymentId}`);
  await rig.finish();
  expect(await apps(rig)).toEqual(['/web 4 serve']);
});

it('what is done to an app as the job that it is, is a version as well', async () => {
  const { rig } = await history(new MemoryRecords());
  const { server } = rig.world;
  await server.scaleJob({ namespace: 'default', jobId: 'other', group: 'other', count: 3 });
  await settle();
  const [scaled] = await versions(rig, '');
  expect((await rig.get('/v2/apps/other')).json.app.version).toBe(scaled);
  await server.deregisterJob('default', 'other', { purge: true });
  await settle();
  expect(await apps(rig)).toEqual([]);
  const [gone] = await versions(rig, '');
  expect(gone! > scaled!).toBe(true);
  await rig.call('PUT', '/v2/groups', { version: scaled });
  await rig.finish();
  expect(await apps(rig)).toEqual(['/other 3 serve']);
});

it('a store of before there was a history begins one with what is there', async () => {
  const records = new MemoryRecords();
  const before = await marathonRig({}, records);
  const made = await before.call('POST', '/v2/groups', { id: '/shop', apps: [app('web')] });
  await before.finish();
  await before.world.state.update((tx) => {
    tx.putMeta('marathon/history', undefined);
    tx.putMeta(`marathon/history/${made.json.version}`, undefined);
    tx.putMeta('marathon/history/app/0', undefined);
  });
  const rig = await again(before, records);
  expect(await versions(rig)).toEqual([made.json.version]);
  await rig.call('DELETE', '/v2/groups/shop');
  await rig.finish();
  await rig.call('PUT', '/v2/groups/shop', { version: made.json.version });
  await rig.finish();
  expect(await apps(rig)).toEqual(['/shop/web 1 serve']);
});
