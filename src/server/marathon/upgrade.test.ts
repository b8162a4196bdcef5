/** How an upgrade goes about it: how many there are at every moment, and what becomes of instances that fail. */
import { afterEach, describe, expect, it } from 'vitest';
import { settle } from '../../lib/virtual-clock.ts';
import type { AppInput } from '../../marathon/app-schema.ts';
import { type Allocation, type AllocUpdate, isClientTerminal } from '../../model/allocation.ts';
import { type Cluster, FIRST, reportOf, start, stopAll } from '../drain-rig.ts';
import { read } from '../fixtures.ts';

afterEach(stopAll);

const PUT = { mode: 'put', isPartial: true, force: false } as const;
const CHECK = { protocol: 'HTTP' } as const;

async function cluster(): Promise<Cluster> {
  const started = await start();
  await started.server.registerNode({ ...FIRST, Attributes: { ...FIRST.Attributes, 'os.signals': 'SIGTERM' } });
  return started;
}

const there = (world: Cluster): Allocation[] =>
  read(world, (tx) => tx.allocsByJob('default', 'web')).filter((alloc) => !isClientTerminal(alloc));
const isOpen = (world: Cluster): boolean => read(world, (tx) => world.server.marathon.deployments(tx)).length > 0;
const serving = (world: Cluster): number =>
  there(world).filter(({ DesiredStatus, ClientStatus }) => DesiredStatus === 'run' && ClientStatus === 'running')
    .length;

const failed = (alloc: Allocation): AllocUpdate => ({
  ID: alloc.ID,
  ClientStatus: 'failed',
  ClientDescription: 'Failed tasks',
  TaskStates: null,
  Healthy: { Healthy: false, TimestampMs: 1, DeploymentID: alloc.DeploymentID },
});

/** Seconds, in each of which a node does one thing for each instance; one that is to stop takes three of them. */
async function pass(
  world: Cluster,
  seconds: number,
  report: (alloc: Allocation, nowMs: number) => AllocUpdate | undefined = (alloc, nowMs) =>
    reportOf(alloc, nowMs, true),
): Promise<{ most: number; fewest: number }> {
  const leaving = new Map<string, number>();
  let [most, fewest] = [0, Number.POSITIVE_INFINITY];
  for (let second = 0; second < seconds && isOpen(world); second++) {
    await world.clock.advance(1000);
    const nowMs = world.clock.nowMs();
    const updates = there(world).flatMap((alloc) => {
      if (alloc.DesiredStatus === 'run') return report(alloc, nowMs) ?? [];
      leaving.set(alloc.ID, (leaving.get(alloc.ID) ?? 0) + 1);
      return leaving.get(alloc.ID)! > 3 ? reportOf(alloc, nowMs, true) : [];
    });
    if (updates.length > 0) await world.server.updateAllocs(FIRST.ID, updates);
    await settle();
    most = Math.max(most, there(world).length);
    fewest = Math.min(fewest, serving(world));
  }
  return { most, fewest };
}

async function put(world: Cluster, fields: AppInput): Promise<void> {
  await world.server.marathon.putApps([{ id: '/web', cmd: 'serve', cpus: 0.01, mem: 16, ...fields }], PUT);
  await settle();
}

describe('an upgrade', () => {
  it.each([
    // instances, minimumHealthCapacity, maximumOverCapacity → fewest that serve, most that are there
    [4, 1, 1, 4, 8],
    [4, 1, 0, 4, 5],
    [4, 0.5, 0, 2, 4],
    [4, 0.5, 0.25, 2, 5],
    [4, 0, 0, 0, 4],
    [1, 0, 0, 0, 1],
    [1, 1, 0, 1, 2],
  ])('of %i instances with %d/%d: never fewer than %i serve, never more than %i are there', async (...row) => {
    const [instances, minimumHealthCapacity, maximumOverCapacity, least, greatest] = row;
    const world = await cluster();
    const upgradeStrategy = { minimumHealthCapacity, maximumOverCapacity };
    await put(world, { instances, upgradeStrategy });
    await pass(world, 20);
    await put(world, { cmd: 'other' });
    const { most, fewest } = await pass(world, 100);
    expect(isOpen(world)).toBe(false);
    expect([fewest, most]).toEqual([least, greatest]);
  });

  it('of an app that must not run twice stops it before it starts, though an ingress has it', async () => {
    const world = await cluster();
    const labels = { MARATHON_SINGLE_INSTANCE_APP: 'true', HAPROXY_GROUP: 'external' };
    const upgradeStrategy = { minimumHealthCapacity: 0, maximumOverCapacity: 0 };
    await put(world, { labels, upgradeStrategy, ports: [19_000] });
    await pass(world, 20);
    await put(world, { cmd: 'other' });
    const { most } = await pass(world, 60);
    expect([isOpen(world), most]).toEqual([false, 1]);
  });

  it('goes on for as long as its instances fail, and ends once they run', async () => {
    const world = await cluster();
    await put(world, { instances: 2, healthChecks: [CHECK] });
    const isOld = ({ JobVersion }: Allocation) => JobVersion < 2;
    const well = (alloc: Allocation, nowMs: number): AllocUpdate => ({
      ...reportOf(alloc, nowMs, true),
      Services: [{ Service: 'web', PortLabel: 'default', Address: '', Port: 1, Status: 'passing', Checks: [] }],
    });
    await pass(world, 20, well);
    await put(world, { cmd: 'other' });
    await pass(world, 120, (alloc, nowMs) => (isOld(alloc) ? well(alloc, nowMs) : failed(alloc)));
    expect(isOpen(world)).toBe(true);
    expect(serving(world), 'of the version before').toBe(2);
    const attempts = read(world, (tx) => tx.allocsByJob('default', 'web')).filter((alloc) => !isOld(alloc));
    expect(attempts.length).toBeGreaterThan(4);
    await pass(world, 900, well);
    expect(isOpen(world)).toBe(false);
    expect(there(world).filter(isOld)).toEqual([]);
  });

  it('ends as failed at the deadline that its app asks for, and what was there before goes on', async () => {
    const world = await cluster();
    await put(world, { instances: 2 });
    await pass(world, 20);
    await put(world, { cmd: 'other', labels: { SERIN_PROGRESS_DEADLINE: '30s' } });
    await pass(world, 25, (alloc, nowMs) => (alloc.JobVersion < 2 ? reportOf(alloc, nowMs, true) : failed(alloc)));
    expect(isOpen(world)).toBe(true);
    await pass(world, 60, (alloc, nowMs) => (alloc.JobVersion < 2 ? reportOf(alloc, nowMs, true) : failed(alloc)));
    expect(isOpen(world)).toBe(false);
    expect(
      there(world).filter(({ JobVersion, DesiredStatus }) => JobVersion < 2 && DesiredStatus === 'run'),
    ).toHaveLength(2);
  });
});
