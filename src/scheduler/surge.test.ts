/** `max_surge`, and the one disruption budget of a group. */
import { describe, expect, it } from 'vitest';
import type { Job } from '../model/job.ts';
import type { UpdateStrategy } from '../model/policies.ts';
import { World } from './fixture-world.ts';
import { health, newGroup, newJob, newNodes, newTask, newUpdate, staticPort } from './fixtures.ts';

const jobOf = (name: string, Count: number, update: Partial<UpdateStrategy>, fields = {}): Job =>
  newJob({
    TaskGroups: [
      newGroup({ Count, Tasks: [newTask({ Env: { RELEASE: name } })], Update: newUpdate(update), ...fields }),
    ],
  });

function running(job: Job, nodes = newNodes(4)): World {
  const world = new World(nodes);
  world.submit(job);
  world.step();
  world.settle();
  world.watch();
  world.nowMs += 600_000;
  return world;
}

const serving = (world: World) =>
  world.wanted().filter((alloc) => alloc.ClientStatus === 'running' && alloc.DeploymentStatus?.Healthy !== false)
    .length;

/** Runs an update to its end; the most that were wanted, and the fewest that served, at any time. */
function course(world: World): { most: number; least: number; rounds: number } {
  let [most, least, rounds] = [0, Number.POSITIVE_INFINITY, 0];
  const look = () => {
    most = Math.max(most, world.wanted().length);
    least = Math.min(least, serving(world));
  };
  world.step();
  look();
  for (; world.deployment?.Status === 'running' && rounds < 50; rounds++) {
    world.settle();
    world.watch();
    look();
    world.step('deployment-watcher');
    look();
  }
  return { most, least, rounds };
}

describe('an update with max_surge', () => {
  it.each<[string, number, Partial<UpdateStrategy>, { most: number; least: number }]>([
    ['starts before it stops, never below count', 6, { MaxParallel: 2, MaxSurge: 2 }, { most: 8, least: 6 }],
    ['takes away what max_parallel allows beyond it', 6, { MaxParallel: 2, MaxSurge: 1 }, { most: 7, least: 5 }],
    ['of a percentage, rounded up', 6, { MaxParallel: 3, MaxSurge: '25%' }, { most: 8, least: 5 }],
    ['moves no more than max_parallel at a time', 6, { MaxParallel: 1, MaxSurge: 3 }, { most: 7, least: 6 }],
    ['works for a single instance', 1, { MaxParallel: 1, MaxSurge: 1 }, { most: 2, least: 1 }],
    ['of nothing is as ever', 6, { MaxParallel: 2, MaxSurge: 0 }, { most: 6, least: 4 }],
  ])('%s', (_, count, update, expected) => {
    const world = running(jobOf('r1', count, update));
    world.submit(jobOf('r2', count, update));
    expect(course(world)).toMatchObject(expected);
    expect(world.deployment?.Status).toBe('successful');
    expect(world.wanted().every((alloc) => alloc.JobVersion === 1)).toBe(true);
    expect(world.wanted()).toHaveLength(count);
  });

  it('counts what a scale adds in the same step', () => {
    const surged = { MaxParallel: 2, MaxSurge: 2 };
    const world = running(jobOf('r1', 7, surged));
    world.submit(jobOf('r2', 7, surged));
    world.step();
    world.settle();
    world.step('deployment-watcher');
    world.settle();
    world.scale(jobOf('r2', 8, surged));
    world.step();
    expect(world.wanted().length).toBeLessThanOrEqual(10);
  });

  it("waits for room rather than take its predecessor's", () => {
    const fixed = (name: string) => jobOf(name, 1, { MaxParallel: 1, MaxSurge: 1 }, { Networks: staticPort(8080) });
    const world = running(fixed('r1'), newNodes(1));
    world.submit(fixed('r2'));
    const plan = world.step();
    expect([plan.stops, plan.placements]).toEqual([[], []]);
    expect(plan.heldBack).toMatchObject({ app: { reason: 'capacity', count: 1 } });
  });
});

describe('the disruption budget', () => {
  const six = (name: string) => jobOf(name, 6, { MaxParallel: 2 });

  it('of an update is smaller by what is away for another reason', () => {
    const world = running(six('r1'));
    const [leaving] = world.wanted();
    world.change(leaving!.ID, { DesiredTransition: { Migrate: true, Reschedule: null, ForceReschedule: null } });
    world.step('node-drain');
    world.submit(six('r2'));
    const plan = world.step();
    expect(plan.stops.filter((stop) => stop.alloc.ClientStatus === 'running')).toHaveLength(1);
    expect(serving(world)).toBe(4);
  });

  it('is not used up by instances that serve nothing: they are replaced first', () => {
    const world = running(six('r1'));
    const sick = world.wanted().slice(0, 2);
    for (const alloc of sick) world.change(alloc.ID, { DeploymentStatus: health(false) });
    world.submit(six('r2'));
    const plan = world.step();
    expect(plan.stops.map((stop) => stop.alloc.ID).sort()).toEqual(sick.map((alloc) => alloc.ID).sort());
    expect(serving(world)).toBe(4);
  });

  it('keeps the old instance while a check of its successor fails, healthy or not', () => {
    const world = running(jobOf('r1', 1, { MaxParallel: 1, MaxSurge: 1 }));
    world.submit(jobOf('r2', 1, { MaxParallel: 1, MaxSurge: 1 }));
    world.step();
    world.settle();
    const successor = world.wanted().find((alloc) => alloc.JobVersion === 1)!;
    const service = { Service: 'web', PortLabel: 'http', Address: '10.0.0.1', Port: 1, Checks: [] };
    world.change(successor.ID, { Services: [{ ...service, Status: 'critical' }] });
    expect(world.step('deployment-watcher').stops).toEqual([]);
    world.change(successor.ID, { Services: [{ ...service, Status: 'passing' }] });
    expect(world.step('deployment-watcher').stops.map((stop) => stop.alloc.JobVersion)).toEqual([0]);
  });

  it('counts an instance whose check fails just now, and replaces that one first', () => {
    const world = running(jobOf('r1', 3, { MaxParallel: 1 }));
    const flapping = world.wanted()[2]!;
    const service = { Service: 'web', PortLabel: 'http', Address: '10.0.0.1', Port: 1, Checks: [] };
    world.change(flapping.ID, { Services: [{ ...service, Status: 'critical' }] });
    world.submit(jobOf('r2', 3, { MaxParallel: 1 }));
    expect(world.step().stops.map((stop) => stop.alloc.ID)).toEqual([flapping.ID]);
  });
});
