/** A chain of attempts of an instance that fails again and again: when the next one comes, where, and when none does. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import { HOUR, SECOND } from '../model/nanos.ts';
import type { ReschedulePolicy } from '../model/policies.ts';
import { World } from './fixture-world.ts';
import { newGroup, newJob, newNodes } from './fixtures.ts';

const POLICY: ReschedulePolicy = {
  Attempts: 0,
  Interval: 0,
  Delay: 30 * SECOND,
  DelayFunction: 'exponential',
  MaxDelay: HOUR,
  Unlimited: true,
};

const jobWith = (policy: Partial<ReschedulePolicy> = {}, group: Partial<TaskGroup> = {}) =>
  newJob({ TaskGroups: [newGroup({ Update: null, ReschedulePolicy: { ...POLICY, ...policy }, ...group })] });

function running(job = jobWith(), nodes = newNodes(4)): World {
  const world = new World(nodes);
  world.submit(job);
  world.step();
  world.settle();
  return world;
}

const only = (world: World): Allocation => world.wanted()[0]!;

function fail(world: World): Allocation {
  const alloc = only(world);
  world.change(alloc.ID, { ClientStatus: 'failed', ModifyTime: world.nowMs * 1e6 });
  return alloc;
}

/** Lets the instance fail at once, and says how long it waits until the next attempt; undefined: there is none. */
function failAndWait(world: World): number | undefined {
  fail(world);
  const [timer] = world.step('alloc-failure').followups;
  if (timer?.WaitUntilMs === undefined) return undefined;
  const waitedMs = timer.WaitUntilMs - world.nowMs;
  world.nowMs = timer.WaitUntilMs;
  world.step('alloc-failure');
  return waitedMs;
}

describe('the delay before each attempt', () => {
  it.each([
    ['constant', [30, 30, 30, 30, 30]],
    ['exponential', [30, 60, 120, 200, 200]],
    ['fibonacci', [30, 30, 60, 90, 150]],
  ])('%s: %j', (DelayFunction, seconds) => {
    const world = running(jobWith({ DelayFunction, MaxDelay: 200 * SECOND }));
    expect(seconds.map(() => failAndWait(world)! / 1000)).toEqual(seconds);
  });

  it('ends where the attempts of the interval are used up', () => {
    const world = running(jobWith({ Unlimited: false, Attempts: 2, Interval: HOUR, DelayFunction: 'constant' }));
    expect([failAndWait(world), failAndWait(world), failAndWait(world)]).toEqual([30_000, 30_000, undefined]);
    expect(world.step('job-register').placements).toEqual([]);
    expect([...world.allocs.values()].at(-1)).toMatchObject({ ClientStatus: 'failed', FollowupEvalID: '' });
  });

  it('is not waited for by a new version, which begins the series anew', () => {
    const world = running(jobWith({ Delay: 600 * SECOND }));
    failAndWait(world);
    fail(world);
    world.step('alloc-failure');
    world.submit(jobWith({ Delay: 10 * SECOND }));
    expect(world.step('job-register').placements).toMatchObject([{ JobVersion: 1, RescheduleTracker: null }]);
    world.settle();
    expect(failAndWait(world)).toBe(10_000);
  });

  it('counts what failed before the node of an attempt was lost', () => {
    const world = running();
    failAndWait(world);
    const alloc = only(world);
    world.setNode(
      world.nodes.findIndex((node) => node.ID === alloc.NodeID),
      { Status: 'down' },
    );
    const [row] = world.step('node-update').placements;
    expect(row?.RescheduleTracker).toEqual(alloc.RescheduleTracker);
    world.settle();
    expect(failAndWait(world)).toBe(60_000);
  });
});

describe('the node of each attempt', () => {
  it('is one where it has not failed yet, as long as there is one', () => {
    const world = running();
    const tried = [only(world).NodeID];
    for (let attempt = 0; attempt < 3; attempt++) {
      failAndWait(world);
      tried.push(only(world).NodeID);
    }
    expect(new Set(tried).size).toBe(4);
    failAndWait(world);
    expect(tried).toContain(only(world).NodeID);
  });

  it('is another one even if the job likes the one where it failed', () => {
    const nodes = newNodes(3);
    const liked = nodes[0]!;
    const affinity = { LTarget: '${node.unique.id}', RTarget: liked.ID, Operand: '=', Weight: 100 };
    const world = running(jobWith({}, { Affinities: [affinity] }), nodes);
    expect(only(world).NodeID).toBe(liked.ID);
    failAndWait(world);
    expect(only(world).NodeID).not.toBe(liked.ID);
  });

  it('is the one where it failed, where no other fits', () => {
    const nodes = newNodes(3).map((node, at) =>
      at === 0 ? node : { ...node, SchedulingEligibility: 'ineligible' as const },
    );
    const world = running(jobWith(), nodes);
    failAndWait(world);
    expect(only(world).NodeID).toBe(nodes[0]?.ID);
    expect(only(world).Metrics?.ScoreMetaData?.[0]?.Scores['node-reschedule-penalty']).toBe(-1);
  });

  it('is found in a large cluster of which little is free', () => {
    const nodes = newNodes(200).map((node, at) =>
      at < 2 ? node : { ...node, SchedulingEligibility: 'ineligible' as const },
    );
    const world = running(jobWith(), nodes);
    const first = only(world).NodeID;
    failAndWait(world);
    expect(only(world).NodeID).not.toBe(first);
  });
});
