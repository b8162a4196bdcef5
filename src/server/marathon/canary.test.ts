/** An app with canaries of its own, under the whole server: promoted, failed and led back. */
import { afterEach, expect, it } from 'vitest';
import { settle } from '../../lib/virtual-clock.ts';
import { isClientTerminal } from '../../model/allocation.ts';
import { type Cluster, FIRST, reportOf, start, stopAll } from '../drain-rig.ts';
import { read } from '../fixtures.ts';

afterEach(stopAll);

const PUT = { mode: 'put', isPartial: true, force: false } as const;
const APP = { id: '/web', cmd: 'old', cpus: 0.1, mem: 32, instances: 3, labels: { SERIN_CANARY: '1' } };

/** The old version runs, and a canary of the new one beside it. */
async function withCanary() {
  const world = await start();
  const { server } = world;
  await server.registerNode({ ...FIRST, Attributes: { ...FIRST.Attributes, 'os.signals': 'SIGTERM' } });
  await server.marathon.putApps([APP], PUT);
  await obeyed(world);
  const { deploymentId } = await server.marathon.putApps([{ ...APP, cmd: 'new' }], PUT);
  await obeyed(world);
  return { world, deploymentId };
}

/** Time passes, and every allocation does as it is told. */
async function obeyed({ server, state, clock }: Cluster): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await clock.advance(1000);
    const there = state.view((tx) => [...tx.allocs()]).filter((alloc) => !isClientTerminal(alloc));
    const updates = there.map((alloc) => reportOf(alloc, clock.nowMs(), true));
    if (updates.length > 0) await server.updateAllocs(FIRST.ID, updates);
    await settle();
  }
}

const commandOf = (world: Cluster, version: number): string =>
  (read(world, (tx) => tx.jobVersion('default', 'web', version))!.Marathon!.App as { cmd: string }).cmd;

/** "new 1, old 3" */
const running = (world: Cluster): string => {
  const counts = new Map<string, number>();
  for (const alloc of read(world, (tx) => tx.allocsByJob('default', 'web'))) {
    if (alloc.DesiredStatus !== 'run' || alloc.ClientStatus !== 'running') continue;
    const cmd = commandOf(world, alloc.JobVersion);
    counts.set(cmd, (counts.get(cmd) ?? 0) + 1);
  }
  return [...counts]
    .map(([cmd, count]) => `${cmd} ${count}`)
    .toSorted()
    .join(', ');
};

const command = (world: Cluster) => read(world, (tx) => world.server.marathon.root(tx).apps.get('/web')!.app.cmd);
const marathons = (world: Cluster) => read(world, (tx) => world.server.marathon.deployments(tx)).map(({ ID }) => ID);
const latest = (world: Cluster) => read(world, (tx) => tx.deploymentsByJob('default', 'web'))[0]!.ID;

it('a deployment lasts until its canaries are promoted, and then the rest follows', async () => {
  const { world, deploymentId } = await withCanary();
  expect(running(world)).toBe('new 1, old 3');
  expect(marathons(world)).toEqual([deploymentId]);
  await world.server.promoteDeployment(latest(world));
  await obeyed(world);
  expect(running(world)).toBe('new 3');
  expect(marathons(world)).toEqual([]);
});

it('a canary that is failed leads the app back, and its deployment ends', async () => {
  const { world } = await withCanary();
  await world.server.failDeployment(latest(world));
  await obeyed(world);
  expect(running(world)).toBe('old 3');
  expect(command(world)).toBe('old');
  expect(marathons(world)).toEqual([]);
});

it('a deployment that is rolled back takes its canaries away', async () => {
  const { world, deploymentId } = await withCanary();
  await world.server.marathon.cancelDeployment(deploymentId, { force: false });
  await obeyed(world);
  expect(running(world)).toBe('old 3');
  expect(command(world)).toBe('old');
  expect(marathons(world)).toEqual([]);
});

it('another count has no canaries', async () => {
  const { world, deploymentId } = await withCanary();
  await world.server.marathon.cancelDeployment(deploymentId, { force: false });
  await obeyed(world);
  await world.server.marathon.putApps([{ id: '/web', instances: 5 }], PUT);
  await obeyed(world);
  expect(running(world)).toBe('old 5');
  expect(marathons(world)).toEqual([]);
});
