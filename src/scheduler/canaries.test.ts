/** Canaries, blue/green and what may happen while somebody has yet to promote them. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import type { UpdateStrategy } from '../model/policies.ts';
import { World } from './fixture-world.ts';
import { health, newGroup, newIngressService, newJob, newNodes, newTask, newUpdate } from './fixtures.ts';
import { canaryStart } from './reconcile/canaries.ts';

const jobOf = (name: string, Count: number, update: Partial<UpdateStrategy>): Job =>
  newJob({
    TaskGroups: [
      newGroup({
        Count,
        Tasks: [newTask({ Env: { RELEASE: name } })],
        Update: newUpdate({ MaxParallel: 1, ...update }),
      }),
    ],
  });
const canaried = (name: string, count = 3) => jobOf(name, count, { Canary: 1 });
const blueGreen = (name: string, count = 3) => jobOf(name, count, { Canary: count });

function running(job: Job): World {
  const world = new World(newNodes(4));
  world.submit(job);
  world.step();
  world.settle();
  world.watch();
  world.nowMs += 600_000;
  return world;
}

/** The job runs, and the canaries of the next version are healthy. */
function waiting(before: Job, after: Job): World {
  const world = running(before);
  world.submit(after);
  world.step();
  world.settle();
  world.step('deployment-watcher');
  return world;
}

function untilQuiet(world: World): void {
  for (let round = 0; round < 12; round++) {
    world.settle();
    world.watch();
    world.step('deployment-watcher');
  }
}

const isCanary = (alloc: Allocation) => alloc.DeploymentStatus?.Canary === true;
const canaries = (world: World) => world.wanted().filter(isCanary);
/** "0×3 1×1c": how many wanted of each version, canaries apart. */
function counts(world: World): string {
  const tally = new Map<string, number>();
  for (const alloc of world.wanted()) {
    const key = `${alloc.JobVersion}${isCanary(alloc) ? 'c' : ''}`;
    tally.set(key, (tally.get(key) ?? 0) + 1);
  }
  return [...tally]
    .sort()
    .map(([key, count]) => `${count} of v${key}`)
    .join(', ');
}

describe('how a deployment begins', () => {
  it.each([
    [5, { Canary: 1 }, { DesiredCanaries: 1, BaseCount: 5 }],
    [5, { Canary: 1, CanaryWeight: 10 }, { DesiredCanaries: 1, BaseCount: 5, CanaryWeight: 10 }],
    [5, { Canary: 5 }, { DesiredCanaries: 5, BaseCount: 5, IsBlueGreen: true, CanaryWeight: 0 }],
    [5, { Canary: 7 }, { DesiredCanaries: 5, BaseCount: 5, IsBlueGreen: true, CanaryWeight: 0 }],
    [5, { Canary: 5, CanaryWeight: 10 }, { DesiredCanaries: 5, BaseCount: 5, IsBlueGreen: true, CanaryWeight: 10 }],
    [
      2,
      { Canary: 2, KeepWarm: 9 },
      { DesiredCanaries: 2, BaseCount: 5, IsBlueGreen: true, CanaryWeight: 0, KeepWarm: 9 },
    ],
    [5, { Canary: 1, KeepWarm: 9 }, { DesiredCanaries: 1, BaseCount: 5 }],
  ])('of %i instances with %o: %o', (Count, update, start) => {
    expect(canaryStart(newGroup({ Count, Update: newUpdate(update) }), 5)).toEqual(start);
  });
});

describe('canaries', () => {
  it('run beside the old ones until they are promoted, then the rest follows', () => {
    const world = running(canaried('r1'));
    world.submit(canaried('r2'));
    const first = world.step();
    expect(first.desired.app).toMatchObject({ Canary: 1, Ignore: 3, DestructiveUpdate: 0 });
    expect(first.deployment).toMatchObject({
      StatusDescription: 'Deployment is running but requires manual promotion',
      TaskGroups: { app: { DesiredCanaries: 1, DesiredTotal: 3 } },
    });
    expect(first.placements).toMatchObject([{ Name: 'web.app[0]', DeploymentStatus: { Canary: true, Healthy: null } }]);
    world.settle();
    const idle = world.step('deployment-watcher');
    expect([idle.placements, idle.stops]).toEqual([[], []]);
    world.promote();
    const next = world.step('deployment-watcher');
    expect(next.desired.app).toMatchObject({ Stop: 1, DestructiveUpdate: 1 });
    untilQuiet(world);
    expect(counts(world)).toBe('3 of v1');
  });

  it('are not what a revert goes through: the old specification rolls out by itself', () => {
    const world = running(canaried('r1'));
    world.submit({ ...canaried('r2'), RevertOf: 0 });
    expect(world.step().desired.app).toMatchObject({ Canary: 0, DestructiveUpdate: 1 });
    untilQuiet(world);
    expect(counts(world)).toBe('3 of v1');
  });

  it('go when a newer version comes before anybody promoted them', () => {
    const world = waiting(canaried('r1'), canaried('r2'));
    world.submit(canaried('r1'));
    const plan = world.step();
    expect(plan.stops.map((stop) => stop.alloc.JobVersion)).toEqual([1]);
    expect(plan.desired.app).toMatchObject({ InPlaceUpdate: 3 });
  });

  it('are followed by those of a newer version, beside the same old ones', () => {
    const world = waiting(canaried('r1'), canaried('r2'));
    world.submit(canaried('r3'));
    const plan = world.step();
    expect(plan.deploymentUpdates).toMatchObject([{ status: 'cancelled' }]);
    expect(plan.stops).toMatchObject([{ alloc: { JobVersion: 1 }, description: 'alloc not needed due to job update' }]);
    expect(counts(world)).toBe('3 of v0, 1 of v2c');
  });

  it('go when their deployment fails, and the old ones stay', () => {
    const world = waiting(blueGreen('r1'), blueGreen('r2'));
    expect(counts(world)).toBe('3 of v0, 3 of v1c');
    world.fail();
    world.step('deployment-watcher');
    expect(counts(world)).toBe('3 of v0');
    untilQuiet(world);
    expect(counts(world)).toBe('3 of v0');
  });

  it('come again on another node when theirs is lost', () => {
    const world = waiting(canaried('r1'), canaried('r2'));
    const [canary] = canaries(world);
    world.setNode(
      world.nodes.findIndex((node) => node.ID === canary?.NodeID),
      { Status: 'down' },
    );
    const plan = world.step('node-update');
    expect(plan.placements.filter(isCanary)).toMatchObject([{ Name: canary?.Name, PreviousAllocation: canary?.ID }]);
    expect(counts(world)).toBe('3 of v0, 1 of v1c');
  });

  it('come again on another node when theirs drains', () => {
    const world = waiting(canaried('r1'), canaried('r2'));
    const [canary] = canaries(world);
    world.change(canary!.ID, { DesiredTransition: { Migrate: true, Reschedule: null, ForceReschedule: null } });
    const plan = world.step('node-drain');
    expect(plan.stops).toMatchObject([{ alloc: { ID: canary?.ID }, description: 'alloc is being migrated' }]);
    expect(counts(world)).toBe('3 of v0, 1 of v1c');
  });

  it('say nothing about the place whose name they have: a lost old one comes again, of its own version', () => {
    const world = waiting(blueGreen('r1'), blueGreen('r2'));
    const old = world.wanted().find((alloc) => alloc.JobVersion === 0)!;
    world.change(old.ID, { ClientStatus: 'lost' });
    const plan = world.step('node-update');
    expect(plan.placements).toMatchObject([{ Name: old.Name, JobVersion: 0, DeploymentID: '' }]);
    expect(counts(world)).toBe('3 of v0, 3 of v1c');
  });

  it('are as many as the count where it grows in the same submit', () => {
    const world = waiting(blueGreen('r1', 3), blueGreen('r2', 5));
    expect(counts(world)).toBe('3 of v0, 5 of v1c');
    world.promote();
    world.step('deployment-watcher');
    untilQuiet(world);
    expect(counts(world)).toBe('5 of v1');
    expect(new Set(world.wanted().map((alloc) => alloc.Name)).size).toBe(5);
  });

  it('go where nothing is wanted any more, the last one too', () => {
    const behind = (job: Job): Job => ({
      ...job,
      TaskGroups: job.TaskGroups.map((group) => ({ ...group, Services: [newIngressService('web')] })),
    });
    const world = waiting(behind(canaried('r1', 1)), behind(canaried('r2', 1)));
    world.submit(behind(canaried('r3', 0)));
    world.step();
    expect(world.wanted()).toEqual([]);
  });

  it('of a failed deployment serve on while nobody else does, and go when the old set is back', () => {
    const behind = (job: Job): Job => ({
      ...job,
      TaskGroups: job.TaskGroups.map((group) => ({ ...group, Services: [newIngressService('web')] })),
    });
    const world = waiting(behind(blueGreen('r1')), behind(blueGreen('r2')));
    const old = world.wanted().filter((alloc) => alloc.JobVersion === 0);
    for (const { ID } of old) world.change(ID, { DeploymentStatus: health(false) });
    world.fail();
    const plan = world.step('deployment-watcher');
    expect(plan.stops).toEqual([]);
    expect(plan.followups, 'somebody looks again').toMatchObject([{ TriggeredBy: 'rolling-update' }]);
    for (const { ID } of old) world.change(ID, { DeploymentStatus: health(true) });
    world.step('rolling-update');
    expect(counts(world)).toBe('3 of v0');
  });

  it('that were healthy and fail since are tried again by their policy, as canaries', () => {
    const world = waiting(canaried('r1'), canaried('r2'));
    const [canary] = canaries(world);
    world.change(canary!.ID, { ClientStatus: 'failed' });
    world.nowMs += 60_000;
    expect(world.step('alloc-failure').placements.filter(isCanary)).toMatchObject([{ PreviousAllocation: canary?.ID }]);
  });

  it('with a lower count take no old instance away before the promotion', () => {
    const world = waiting(canaried('r1', 4), canaried('r2', 2));
    expect(counts(world)).toBe('4 of v0, 1 of v1c');
    world.fail();
    world.step('deployment-watcher');
    expect(counts(world)).toBe('4 of v0');
    const promoted = waiting(canaried('r1', 4), canaried('r2', 2));
    promoted.promote();
    promoted.step('deployment-watcher');
    untilQuiet(promoted);
    expect(counts(promoted)).toBe('2 of v1');
  });

  it('are neither begun nor moved while the deployment is paused', () => {
    const world = running(canaried('r1'));
    world.submit(canaried('r2'));
    world.step();
    world.deployment = { ...world.deployment!, Status: 'paused' };
    world.settle();
    const plan = world.step();
    expect([plan.placements, plan.stops]).toEqual([[], []]);
  });
});

describe('a scale while canaries wait', () => {
  it('goes on with the deployment: the canary stays what it is, the old set grows', () => {
    const world = waiting(canaried('r1'), canaried('r2'));
    const before = canaries(world)[0]!;
    world.scale(canaried('r2', 5));
    const plan = world.step();
    expect(plan.deployment).toBeUndefined();
    expect(plan.deploymentUpdates).toEqual([]);
    expect(plan.stops).toEqual([]);
    expect(counts(world)).toBe('5 of v0, 1 of v2c');
    expect(canaries(world)).toMatchObject([{ ID: before.ID, DeploymentStatus: { Healthy: true, Canary: true } }]);
    world.settle();
    world.promote();
    world.step('deployment-watcher');
    untilQuiet(world);
    expect(counts(world)).toBe('5 of v2');
  });

  it('scales both sets of a blue/green', () => {
    const world = waiting(blueGreen('r1'), blueGreen('r2'));
    world.scale(jobOf('r2', 5, { Canary: 3 }));
    world.step();
    expect(counts(world)).toBe('5 of v0, 5 of v2c');
    world.scale(jobOf('r2', 2, { Canary: 3 }));
    world.step();
    expect(counts(world)).toBe('2 of v0, 2 of v3c');
  });

  it('down takes no old instance away because its canary fails', () => {
    const world = waiting(jobOf('r1', 5, { Canary: 2 }), jobOf('r2', 5, { Canary: 2 }));
    for (const canary of canaries(world)) world.change(canary.ID, { ClientStatus: 'failed' });
    world.scale(jobOf('r2', 3, { Canary: 2 }));
    world.step();
    const old = world.wanted().filter((alloc) => alloc.JobVersion === 0);
    expect(old.map((alloc) => alloc.Name).sort()).toEqual(['web.app[0]', 'web.app[1]', 'web.app[2]']);
  });

  it('in the middle of a rolling update keeps what is healthy and goes on to the new target', () => {
    const world = running(jobOf('r1', 4, {}));
    world.submit(jobOf('r2', 4, {}));
    world.step();
    world.settle();
    const moved = world.wanted().filter((alloc) => alloc.JobVersion === 1);
    world.scale(jobOf('r2', 6, {}));
    const plan = world.step();
    expect(plan.deployment).toBeUndefined();
    expect(plan.stops.map((stop) => stop.alloc.JobVersion)).not.toContain(1);
    untilQuiet(world);
    expect(counts(world)).toBe('6 of v2');
    expect(world.wanted().map((alloc) => alloc.ID)).toEqual(expect.arrayContaining(moved.map((alloc) => alloc.ID)));
  });
});

describe('the old set of a promoted blue/green', () => {
  it('goes at once, all of it', () => {
    const world = waiting(blueGreen('r1'), blueGreen('r2'));
    world.promote();
    const plan = world.step('deployment-watcher');
    expect(plan.stops).toHaveLength(3);
    expect(plan.stops[0]).toMatchObject({ description: 'alloc is being updated due to job update' });
    expect(counts(world)).toBe('3 of v1');
  });

  it('rests for as long as it is kept warm, and no longer', () => {
    const world = waiting(blueGreen('r1'), blueGreen('r2'));
    world.promote(60_000);
    expect(world.step('deployment-watcher').stops).toEqual([]);
    world.nowMs += 59_000;
    expect(world.step('deployment-watcher').stops).toEqual([]);
    world.nowMs += 1_000;
    expect(world.step('deployment-watcher').stops).toHaveLength(3);
  });

  it('takes over again in place when its version comes back: nothing is started', () => {
    const world = waiting(blueGreen('r1'), blueGreen('r2'));
    const old = world.wanted().filter((alloc) => alloc.JobVersion === 0);
    world.promote(60_000);
    world.step('deployment-watcher');
    world.watch();
    world.submit({ ...blueGreen('r1'), RevertOf: 0 });
    const plan = world.step();
    expect(plan.placements).toEqual([]);
    expect(plan.inPlace.map((row) => row.ID).sort()).toEqual(old.map((alloc) => alloc.ID).sort());
    expect(plan.inPlace.every((row) => row.RestsUntilMs === undefined)).toBe(true);
    expect(plan.stops.map((stop) => stop.alloc.JobVersion)).toEqual([1, 1, 1]);
  });

  it('rests through a scale of its successor, and goes when a third version comes', () => {
    const world = waiting(blueGreen('r1'), blueGreen('r2'));
    world.promote(60_000);
    world.step('deployment-watcher');
    world.watch();
    world.submit(blueGreen('r2', 4));
    expect(world.step().stops).toEqual([]);
    world.settle();
    world.watch();
    world.submit(blueGreen('r3', 4));
    expect(world.step().stops.map((stop) => stop.alloc.JobVersion)).toEqual([0, 0, 0]);
  });

  it('goes with everything else when the group is scaled to nothing', () => {
    const world = waiting(blueGreen('r1'), blueGreen('r2'));
    world.promote(60_000);
    world.step('deployment-watcher');
    world.watch();
    world.submit(jobOf('r2', 0, { Canary: 3 }));
    world.step();
    expect(world.wanted()).toEqual([]);
  });

  it('is not what replaces a lost instance of the new one', () => {
    const world = waiting(blueGreen('r1'), blueGreen('r2'));
    world.promote(60_000);
    world.step('deployment-watcher');
    world.watch();
    const lost = world.wanted().find((alloc) => alloc.JobVersion === 1)!;
    world.change(lost.ID, { ClientStatus: 'lost' });
    const plan = world.step('node-update');
    expect(plan.placements).toMatchObject([{ Name: lost.Name, JobVersion: 1 }]);
    expect(plan.stops.map((stop) => stop.alloc.JobVersion)).not.toContain(0);
  });
});
