/** Marathon's deployments under the whole server, on a virtual clock, with nodes that do as they are told. */
import { afterEach, describe, expect, it } from 'vitest';
import { settle } from '../../lib/virtual-clock.ts';
import { newApp } from '../../marathon/fixtures.ts';
import { isClientTerminal } from '../../model/allocation.ts';
import { MemoryRecords } from '../../state/storage/memory.ts';
import { type Cluster, FIRST, reportOf, start, stopAll } from '../drain-rig.ts';
import { read } from '../fixtures.ts';
import { AppLocked } from './change.ts';
import { MarathonConflict, MarathonNotFound } from './operations.ts';

afterEach(stopAll);

const PUT = { mode: 'put', isPartial: true, force: false } as const;

async function cluster(records = new MemoryRecords()): Promise<Cluster> {
  const started = await start(records);
  await started.server.registerNode({ ...FIRST, Attributes: { ...FIRST.Attributes, 'os.signals': 'SIGTERM' } });
  return started;
}

/** Every allocation runs and is well, or ends where it is to. */
async function obey({ server, state, clock }: Cluster): Promise<void> {
  const allocs = state.view((tx) => [...tx.allocs()]).filter((alloc) => !isClientTerminal(alloc));
  const updates = allocs.map((alloc) => reportOf(alloc, clock.nowMs(), true));
  if (updates.length > 0) await server.updateAllocs(FIRST.ID, updates);
  await settle();
}

/** Until no deployment is left. */
async function finish(world: Cluster): Promise<number> {
  for (let rounds = 0; rounds < 60; rounds++) {
    if (read(world, (tx) => world.server.marathon.deployments(tx)).length === 0) return rounds;
    await world.clock.advance(1000);
    await obey(world);
  }
  return Number.POSITIVE_INFINITY;
}

const apps = (world: Cluster) =>
  read(world, (tx) => [...world.server.marathon.root(tx).apps.values()]).map(({ app }) => `${app.id} ${app.instances}`);
const running = (world: Cluster, job: string) =>
  read(world, (tx) => tx.allocsByJob('default', job)).filter(
    (alloc) => alloc.DesiredStatus === 'run' && alloc.ClientStatus === 'running',
  );
const deployments = (world: Cluster) => read(world, (tx) => world.server.marathon.deployments(tx));

describe('an app', () => {
  it('is put, runs as a job, and its deployment ends', async () => {
    const world = await cluster();
    const { steps } = await world.server.marathon.putApps([{ id: '/shop/web', cmd: 'serve', instances: 3 }], PUT);
    expect(steps.map(({ actions }) => actions[0]?.action)).toEqual(['StartApplication', 'ScaleApplication']);
    expect(apps(world), 'at once, as it is to be').toEqual(['/shop/web 3']);
    await settle();
    expect(await finish(world)).toBeLessThan(10);
    expect(running(world, 'shop/web')).toHaveLength(3);
    expect(read(world, (tx) => tx.job('default', 'shop/web'))?.Marathon).toMatchObject({ App: { cmd: 'serve' } });
  });

  it('comes back as it was put, with a service port', async () => {
    const world = await cluster();
    await world.server.marathon.putApps([{ id: '/web', cmd: 'serve' }], PUT);
    await settle();
    await finish(world);
    const [state] = read(world, (tx) => [...world.server.marathon.root(tx).apps.values()]);
    const expected = newApp({ id: '/web', cmd: 'serve' });
    expect(state?.app).toEqual({
      ...expected,
      ports: [10_000],
      portDefinitions: [{ ...expected.portDefinitions![0], port: 10_000 }],
    });
  });

  it('is scaled without a restart, and restarted by a change', async () => {
    const world = await cluster();
    const { marathon } = world.server;
    await marathon.putApps([{ id: '/web', cmd: 'serve', cpus: 0.1, instances: 2 }], PUT);
    await settle();
    await finish(world);
    const before = running(world, 'web').map(({ ID }) => ID);
    const scaled = await marathon.putApps([{ id: '/web', instances: 4 }], PUT);
    expect(scaled.steps).toEqual([{ actions: [{ action: 'ScaleApplication', app: '/web' }] }]);
    await settle();
    expect(await finish(world)).toBeLessThan(20);
    expect(running(world, 'web').map(({ ID }) => ID)).toEqual(expect.arrayContaining(before));
    expect(running(world, 'web')).toHaveLength(4);
    const changed = await marathon.putApps([{ id: '/web', cmd: 'other' }], PUT);
    expect(changed.steps).toEqual([{ actions: [{ action: 'RestartApplication', app: '/web' }] }]);
    await settle();
    expect(await finish(world)).toBeLessThan(30);
    const after = running(world, 'web').map(({ ID }) => ID);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect(after).toHaveLength(4);
  });

  it('that says the same is a deployment that ends at once', async () => {
    const world = await cluster();
    await world.server.marathon.putApps([{ id: '/web', cmd: 'serve' }], PUT);
    await settle();
    await finish(world);
    expect((await world.server.marathon.putApps([{ id: '/web', cmd: 'serve' }], PUT)).steps).toEqual([]);
    expect(deployments(world)).toEqual([]);
  });

  it('is restarted although it says the same', async () => {
    const world = await cluster();
    await world.server.marathon.putApps([{ id: '/web', cmd: 'serve' }], PUT);
    await settle();
    await finish(world);
    const [before] = running(world, 'web');
    await world.server.marathon.restartApp('/web', { force: false });
    await settle();
    expect(await finish(world)).toBeLessThan(20);
    expect(running(world, 'web').map(({ ID }) => ID)).not.toContain(before!.ID);
  });

  it('goes, and its instances with it', async () => {
    const world = await cluster();
    await world.server.marathon.putApps([{ id: '/web', cmd: 'serve' }], PUT);
    await settle();
    await finish(world);
    await world.server.marathon.removeApp('/web', { force: true });
    expect(apps(world)).toEqual([]);
    await settle();
    expect(await finish(world)).toBeLessThan(20);
    expect(running(world, 'web')).toEqual([]);
    await expect(world.server.marathon.removeApp('/web', { force: true })).rejects.toThrow(MarathonNotFound);
  });

  it('loses the very instances that somebody kills and scales by', async () => {
    const world = await cluster();
    await world.server.marathon.putApps([{ id: '/web', cmd: 'serve', instances: 3 }], PUT);
    await settle();
    await finish(world);
    const [first, second, third] = running(world, 'web').map(({ ID }) => ID);
    await world.server.marathon.killAndScale([first!, third!], { force: false });
    expect(apps(world)).toEqual(['/web 1']);
    await settle();
    expect(await finish(world)).toBeLessThan(20);
    expect(running(world, 'web').map(({ ID }) => ID)).toEqual([second]);
  });

  it.each([
    ['YOUNGEST_FIRST', 'oldest'],
    ['OLDEST_FIRST', 'youngest'],
  ] as const)('that is scaled down with killSelection %s keeps its %s', async (killSelection, kept) => {
    const world = await cluster();
    const { marathon } = world.server;
    const scaleTo = async (instances: number) => {
      await marathon.putApps([{ id: '/web', cmd: 'serve', cpus: 0.1, killSelection, instances }], PUT);
      await settle();
      await finish(world);
    };
    await scaleTo(1);
    const [first] = running(world, 'web');
    await scaleTo(2);
    const [second] = running(world, 'web').filter(({ ID }) => ID !== first!.ID);
    await scaleTo(1);
    expect(running(world, 'web').map(({ ID }) => ID)).toEqual([kept === 'oldest' ? first!.ID : second!.ID]);
  });

  it('is refused where it is there already, or is not', async () => {
    const world = await cluster();
    const { marathon } = world.server;
    await expect(marathon.putApps([{ id: '/web', cmd: 'serve' }], { ...PUT, mode: 'update' })).rejects.toThrow(
      MarathonNotFound,
    );
    await marathon.putApps([{ id: '/web', cmd: 'serve' }], PUT);
    await expect(marathon.putApps([{ id: '/web', cmd: 'x' }], { ...PUT, mode: 'create', force: true })).rejects.toThrow(
      MarathonConflict,
    );
  });
});

describe('a lock', () => {
  it('holds others off, unless they force their way; then what was left to do is theirs', async () => {
    const world = await cluster();
    const { marathon } = world.server;
    const first = await marathon.putApps([{ id: '/web', cmd: 'serve', cpus: 0.1, instances: 2 }], PUT);
    const refused = await marathon.putApps([{ id: '/web', instances: 5 }], PUT).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppLocked);
    expect((refused as AppLocked).deployments).toEqual([first.deploymentId]);
    const forced = await marathon.putApps([{ id: '/web', instances: 5 }], { ...PUT, force: true });
    await settle();
    expect(deployments(world).map(({ ID }) => ID)).toEqual([forced.deploymentId]);
    expect(await finish(world)).toBeLessThan(20);
    expect(running(world, 'web')).toHaveLength(5);
  });

  it('is of its apps alone', async () => {
    const world = await cluster();
    await world.server.marathon.putApps([{ id: '/a', cmd: 'serve' }], PUT);
    await world.server.marathon.putApps([{ id: '/b', cmd: 'serve' }], PUT);
    expect(deployments(world)).toHaveLength(2);
  });
});

describe('a deployment', () => {
  it('runs what others need first', async () => {
    const world = await cluster();
    await world.server.marathon.putApps(
      [
        { id: '/web', cmd: 'serve', dependencies: ['/db'] },
        { id: '/db', cmd: 'serve' },
      ],
      PUT,
    );
    await settle();
    expect(read(world, (tx) => [...tx.allocs()]).map(({ JobID }) => JobID)).toEqual(['db']);
    expect(await finish(world)).toBeLessThan(20);
    expect(running(world, 'web')).toHaveLength(1);
  });

  it('leads back when it is deleted, and stays where it is when that is forced', async () => {
    const world = await cluster();
    const { marathon } = world.server;
    await marathon.putApps([{ id: '/web', cmd: 'serve' }], PUT);
    await settle();
    await finish(world);
    const { deploymentId } = await marathon.putApps([{ id: '/web', cmd: 'other', instances: 3 }], PUT);
    const back = await marathon.cancelDeployment(deploymentId, { force: false });
    expect(back?.deploymentId).not.toBe(deploymentId);
    await settle();
    expect(await finish(world)).toBeLessThan(30);
    expect(apps(world)).toEqual(['/web 1']);
    expect(await marathon.cancelDeployment(deploymentId, { force: true })).toBeUndefined();
  });

  it('goes on where it was when the server is back', async () => {
    const records = new MemoryRecords();
    const before = await cluster(records);
    await before.server.marathon.putApps([{ id: '/web', cmd: 'serve', cpus: 0.1, instances: 2 }], PUT);
    await before.stop();
    const after = await start(records);
    await settle();
    expect(deployments(after)).toHaveLength(1);
    expect(await finish(after)).toBeLessThan(20);
    expect(running(after, 'web')).toHaveLength(2);
  });
});
