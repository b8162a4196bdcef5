/** What becomes of updates, moves and losses, flow by flow. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import { SECOND } from '../model/nanos.ts';
import { World } from './fixture-world.ts';
import {
  dynamicPort,
  newGroup,
  newIngressService,
  newJob,
  newNodes,
  newService,
  newTask,
  newUpdate,
  staticPort,
} from './fixtures.ts';

const MIGRATE = { Migrate: true, Reschedule: null, ForceReschedule: null };

function jobWith(...groups: Partial<TaskGroup>[]): Job {
  return newJob({ TaskGroups: groups.map((group, at) => newGroup({ Name: at === 0 ? 'app' : `app${at}`, ...group })) });
}

const release = (name: string) => [newTask({ Env: { RELEASE: name } })];
const parallel = (MaxParallel: number) => newUpdate({ MaxParallel });

/** A world in which the job runs and its deployment was successful. */
function running(job: Job, nodes = newNodes(4)): World {
  const world = new World(nodes);
  world.submit(job);
  world.step();
  world.settle();
  world.watch();
  world.nowMs += 600_000;
  return world;
}

const versionsOf = (world: World) =>
  world
    .wanted()
    .map((alloc) => `${alloc.Name} v${alloc.JobVersion}`)
    .sort();
const names = (rows: readonly Allocation[]) => rows.map((row) => row.Name).sort();

describe('an update of the last instance behind an ingress', () => {
  const web = { Services: [newIngressService('web')], Networks: dynamicPort() };

  it('starts the new one first and stops the old one once the new one is healthy', () => {
    const world = running(jobWith(web));
    world.submit(jobWith({ ...web, Tasks: release('r2') }));
    const first = world.step();
    expect(first.stops).toEqual([]);
    expect(first.placements).toMatchObject([{ Name: 'web.app[0]', JobVersion: 1 }]);
    expect(first.placements[0]?.AwaitsPrevious).toBeUndefined();
    expect(first.heldBack).toEqual({ app: { reason: 'start-first', count: 1 } });
    expect(first.desired.app).toMatchObject({ DestructiveUpdate: 1 });
    expect(world.step('deployment-watcher').stops).toEqual([]);
    world.settle();
    const last = world.step('deployment-watcher');
    expect(last.stops.map((stop) => stop.description)).toEqual(['alloc is being updated due to job update']);
    expect(versionsOf(world)).toEqual(['web.app[0] v1']);
  });

  it('takes the very room of the old one where a static port makes two impossible', () => {
    const fixed = { ...web, Networks: staticPort(8080) };
    const world = running(jobWith(fixed), newNodes(1));
    world.submit(jobWith({ ...fixed, Tasks: release('r2') }));
    const plan = world.step();
    const [row] = plan.placements;
    expect(row).toMatchObject({ AwaitsPrevious: true, Ports: [{ Label: 'http', Value: 8080 }] });
    expect(plan.stops.map((stop) => stop.alloc.ID)).toEqual([row?.PreviousAllocation]);
    expect(plan.heldBack).toEqual({});
  });

  it('waits for the one that holds the room, not for one that never got it', () => {
    const fixed = { ...web, Networks: staticPort(8080) };
    const world = running(jobWith(fixed), newNodes(1));
    const [old] = world.wanted();
    world.submit(jobWith({ ...fixed, Tasks: release('r2') }));
    world.step();
    world.settle(() => true, true);
    world.submit(jobWith({ ...fixed, Tasks: release('r3') }));
    const plan = world.step();
    expect(plan.stops.map((stop) => stop.alloc.JobVersion)).toEqual([1]);
    expect(plan.placements).toMatchObject([{ AwaitsPrevious: true, PreviousAllocation: old?.ID, JobVersion: 2 }]);
  });

  it('goes to another node first where the static port is free there', () => {
    const fixed = { ...web, Networks: staticPort(8080) };
    const world = running(jobWith(fixed), newNodes(2));
    world.submit(jobWith({ ...fixed, Tasks: release('r2') }));
    const plan = world.step();
    expect(plan.stops).toEqual([]);
    expect(plan.placements[0]?.NodeID).not.toBe(world.wanted()[0]?.NodeID);
  });

  it('keeps one of two when max_parallel would take both', () => {
    const two = { ...web, Count: 2, Update: parallel(2) };
    const world = running(jobWith(two));
    world.submit(jobWith({ ...two, Tasks: release('r2') }));
    const plan = world.step();
    expect(plan.placements).toHaveLength(2);
    expect(plan.stops).toHaveLength(1);
  });

  it('works without a deployment too: a timer looks whether the new one serves', () => {
    const free = { ...web, Update: parallel(0) };
    const world = running(jobWith(free));
    world.submit(jobWith({ ...free, Tasks: release('r2') }));
    const first = world.step();
    expect(first.deployment).toBeUndefined();
    expect(first.stops).toEqual([]);
    expect(first.followups).toMatchObject([{ TriggeredBy: 'rolling-update', WaitUntilMs: world.nowMs + 10_000 }]);
    world.settle();
    world.nowMs += 10_000;
    expect(world.step('rolling-update').stops).toHaveLength(1);
  });

  it('lets a newer version overtake one that never became healthy', () => {
    const world = running(jobWith(web));
    world.submit(jobWith({ ...web, Tasks: release('r2') }));
    world.step();
    world.settle((alloc) => alloc.JobVersion === 0);
    world.submit(jobWith({ ...web, Tasks: release('r3') }));
    const plan = world.step();
    expect(plan.deploymentUpdates).toMatchObject([
      { status: 'cancelled', description: 'Cancelled due to newer version of job' },
    ]);
    expect(plan.stops.map((stop) => stop.alloc.JobVersion)).toEqual([1]);
    expect(versionsOf(world)).toEqual(['web.app[0] v0', 'web.app[0] v2']);
  });

  it('goes back in place to a version like the one that still serves', () => {
    const world = running(jobWith(web));
    world.submit(jobWith({ ...web, Tasks: release('r2') }));
    world.step();
    world.settle((alloc) => alloc.JobVersion === 0);
    world.fail();
    world.submit(jobWith(web));
    const plan = world.step();
    expect(plan.placements).toEqual([]);
    expect(plan.inPlace).toMatchObject([{ JobVersion: 2 }]);
    expect(versionsOf(world)).toEqual(['web.app[0] v2']);
  });
});

describe('two groups of one service behind an ingress', () => {
  const shared = { Services: [newIngressService('web')], Networks: dynamicPort() };

  it('keep one serving where one is replaced at once and the other is scaled to nothing', () => {
    const both = (name: string, count: number) =>
      jobWith({ ...shared, Count: 2, Update: parallel(0), Tasks: release(name) }, { ...shared, Count: count });
    const world = running(both('r1', 3));
    world.submit(both('r2', 0));
    world.step();
    const serving = () => world.wanted().filter((alloc) => alloc.ClientStatus === 'running');
    expect(serving()).toHaveLength(1);
    for (let round = 0; round < 4; round++) {
      world.settle();
      world.nowMs += 20_000;
      world.step('rolling-update');
    }
    expect(versionsOf(world)).toEqual(['web.app[0] v1', 'web.app[1] v1']);
  });
});

describe('counts moved between two groups of one service', () => {
  const group = (count: number) => ({
    Count: count,
    Services: [newService('api')],
    Networks: dynamicPort(),
    Update: parallel(2),
  });
  const counts = (green: number, blue: number) => jobWith(group(green), group(blue));

  it('keeps the shrinking group until the growing one is healthy', () => {
    const world = running(counts(4, 0));
    world.submit(counts(0, 4));
    const first = world.step();
    expect(first.placements).toHaveLength(4);
    expect(first.stops).toEqual([]);
    expect(first.heldBack).toEqual({ app: { reason: 'start-first', count: 4 } });
    expect(first.desired.app).toMatchObject({ Stop: 0, Ignore: 4 });
    let seen = 0;
    world.settle((alloc) => alloc.DeploymentStatus?.Healthy ?? (seen++ === 0 || null));
    expect(world.step('deployment-watcher').stops).toHaveLength(1);
    world.settle();
    world.watch();
    world.step('deployment-watcher');
    expect(names(world.wanted())).toEqual([0, 1, 2, 3].map((index) => `web.app1[${index}]`));
  });

  it('moves one as well as all, and back', () => {
    const world = running(counts(3, 0));
    for (const [green, blue] of [
      [2, 1],
      [0, 3],
      [3, 0],
    ] as const) {
      world.submit(counts(green, blue));
      expect(world.step().stops).toEqual([]);
      world.settle();
      world.watch();
      world.step('deployment-watcher');
      expect([world.wanted('app').length, world.wanted('app1').length]).toEqual([green, blue]);
      world.settle();
      world.nowMs += 600_000;
    }
  });

  it('holds on to a group that was taken out of the job in the same submit', () => {
    const world = running(jobWith(group(2)));
    world.submit(newJob({ TaskGroups: [newGroup({ ...group(2), Name: 'next' })] }));
    expect(world.step().stops).toEqual([]);
    world.settle();
    expect(world.step('deployment-watcher').stops).toHaveLength(2);
  });

  it('lets a batch go where the growing group finds no room because of them', () => {
    const world = running(counts(4, 0), newNodes(1, { cpu: 400 }));
    world.submit(counts(0, 4));
    const plan = world.step();
    expect(plan.failedGroups.app1).toMatchObject({ DimensionExhausted: { cpu: 1 }, CoalescedFailures: 3 });
    expect(plan.stops).toHaveLength(2);
    expect(plan.desired.app).toMatchObject({ Stop: 2, Ignore: 2 });
    world.settle();
    expect(world.step('queued-allocs').placements).toHaveLength(2);
  });

  it('does not wait for a group that did not grow', () => {
    const world = running(counts(4, 2));
    world.submit(counts(3, 2));
    expect(world.step().stops).toHaveLength(1);
  });
});

describe('a count that shrinks while an update is under way', () => {
  it('counts both instances of a place that goes: the last one that serves elsewhere is not stopped with them', () => {
    const two = { Services: [newIngressService('web')], Networks: dynamicPort(), Count: 2, Update: parallel(2) };
    const world = running(jobWith(two));
    world.submit(jobWith({ ...two, Tasks: release('r2') }));
    world.step();
    world.settle();
    expect(versionsOf(world), 'in one place the old one still serves beside the new one').toEqual([
      'web.app[0] v1',
      'web.app[1] v0',
      'web.app[1] v1',
    ]);
    const serving = world.wanted().map((alloc) => alloc.ID);
    world.submit(jobWith({ ...two, Count: 1, Tasks: release('r3') }));
    const stopped = world.step().stops.map((stop) => stop.alloc.ID);
    expect(serving.filter((id) => !stopped.includes(id))).not.toEqual([]);
  });
});

describe('an interval between batches', () => {
  const paced = (name: string) =>
    jobWith({ Count: 3, Tasks: release(name), Update: newUpdate({ MaxParallel: 1, BatchInterval: 90 * SECOND }) });

  it('starts the next batch when both time and health allow it, and says when', () => {
    const world = running(paced('r1'));
    world.submit(paced('r2'));
    const first = world.step();
    const next = world.nowMs + 90_000;
    expect(first.desired.app).toMatchObject({ DestructiveUpdate: 1, Ignore: 2 });
    expect(first.heldBack).toEqual({ app: { reason: 'interval', count: 2, untilMs: next } });
    expect(first.followups).toMatchObject([{ TriggeredBy: 'rolling-update', WaitUntilMs: next }]);
    world.settle();
    world.nowMs += 20_000;
    const early = world.step('deployment-watcher');
    expect(early.placements).toEqual([]);
    expect(early.followups).toEqual([]);
    expect(early.heldBack).toEqual({ app: { reason: 'interval', count: 2, untilMs: next } });
    world.nowMs = next;
    expect(world.step('rolling-update').desired.app).toMatchObject({ DestructiveUpdate: 1 });
  });
});

describe('a deployment that is paused or failed', () => {
  const six = (name: string) => jobWith({ Count: 6, Tasks: release(name), Update: parallel(2) });
  const halfway = () => {
    const world = running(six('r1'));
    world.submit(six('r2'));
    world.step();
    world.settle((alloc) => alloc.JobVersion === 0);
    return world;
  };

  it('touches no further instance once it failed', () => {
    const world = halfway();
    world.fail();
    const plan = world.step('deployment-watcher');
    expect([plan.stops, plan.placements, plan.inPlace]).toEqual([[], [], []]);
  });

  it('places nothing new while it is paused', () => {
    const world = halfway();
    world.settle();
    world.deployment = { ...world.deployment!, Status: 'paused' };
    expect(world.step('deployment-watcher').placements).toEqual([]);
  });

  it('keeps up what was there before, at its own version', () => {
    const world = halfway();
    world.fail();
    const old = world.wanted().find((alloc) => alloc.JobVersion === 0)!;
    world.setNode(
      world.nodes.findIndex((node) => node.ID === old.NodeID),
      { Status: 'down' },
    );
    const plan = world.step('node-update');
    const lostOld = plan.stops.filter((stop) => stop.alloc.JobVersion === 0);
    expect(lostOld.length).toBeGreaterThan(0);
    expect(plan.placements.map((row) => row.JobVersion)).toEqual(lostOld.map(() => 0));
    expect(plan.placements.every((row) => row.DeploymentID === '')).toBe(true);
  });

  it('replaces what failed only where its watcher allows it', () => {
    const world = halfway();
    const failed = world.wanted().find((alloc) => alloc.JobVersion === 1)!;
    world.change(failed.ID, { ClientStatus: 'failed' });
    world.nowMs += 3_600_000;
    expect(world.step('alloc-failure').placements).toEqual([]);
    world.change(failed.ID, { DesiredTransition: { Migrate: null, Reschedule: true, ForceReschedule: null } });
    const plan = world.step('deployment-watcher');
    expect(plan.placements).toMatchObject([
      { JobVersion: 1, PreviousAllocation: failed.ID, DeploymentID: world.deployment?.ID },
    ]);
  });
});

describe('losses', () => {
  it('are marked lost and replaced at once under their name', () => {
    const world = running(jobWith({ Count: 2, Update: parallel(1) }));
    const [gone] = world.wanted();
    world.setNode(
      world.nodes.findIndex((node) => node.ID === gone?.NodeID),
      { Status: 'down' },
    );
    const plan = world.step('node-update');
    const stop = plan.stops.find((one) => one.alloc.ID === gone?.ID);
    expect(stop).toMatchObject({ clientStatus: 'lost', description: 'alloc is lost since its node is down' });
    expect(plan.placements.find((row) => row.Name === gone?.Name)).toMatchObject({
      PreviousAllocation: gone?.ID,
      DeploymentID: '',
    });
  });

  it('of the new version take from the same max_parallel as the update', () => {
    const four = (name: string) => jobWith({ Count: 4, Tasks: release(name), Update: parallel(1) });
    const world = running(four('r1'), newNodes(8, { cpu: 100 }));
    world.submit(four('r2'));
    world.step();
    world.settle();
    const [gone] = world.wanted().filter((alloc) => alloc.JobVersion === 1);
    world.setNode(
      world.nodes.findIndex((node) => node.ID === gone?.NodeID),
      { Status: 'down' },
    );
    const plan = world.step('node-update');
    expect(plan.placements).toMatchObject([{ PreviousAllocation: gone?.ID, JobVersion: 1 }]);
    expect(plan.stops.map((stop) => stop.alloc.ID)).toEqual([gone?.ID]);
    world.settle();
    expect(world.step('deployment-watcher').placements, 'once the replacement is healthy it goes on').toHaveLength(1);
  });

  it('of a node that the state has forgotten count as well', () => {
    const world = running(jobWith({}));
    world.nodes = newNodes(6).slice(4);
    expect(world.step('node-update').placements).toHaveLength(1);
  });

  it('end what was told to stop on a node that cannot answer', () => {
    const world = running(jobWith({}));
    const [alloc] = world.wanted();
    world.change(alloc!.ID, { DesiredStatus: 'stop' });
    world.setNode(
      world.nodes.findIndex((node) => node.ID === alloc?.NodeID),
      { Status: 'down' },
    );
    expect(world.step('node-update').stops).toMatchObject([{ clientStatus: 'lost' }]);
  });

  it('are tried again later by a timer, on another node, with what was tried before', () => {
    const world = running(jobWith({}));
    const [alloc] = world.wanted();
    world.change(alloc!.ID, { ClientStatus: 'failed' });
    const waiting = world.step('alloc-failure');
    expect(waiting.followups).toMatchObject([
      {
        TriggeredBy: 'alloc-failure',
        StatusDescription: 'created for delayed rescheduling',
        WaitUntilMs: world.nowMs + 30_000,
      },
    ]);
    expect(waiting.delayed).toMatchObject([{ ID: alloc?.ID, FollowupEvalID: waiting.followups[0]?.ID }]);
    expect(world.step('node-update').followups, 'the timer is there').toEqual([]);
    world.nowMs += 30_000;
    const plan = world.step('alloc-failure');
    const [row] = plan.placements;
    expect(row?.NodeID).not.toBe(alloc?.NodeID);
    expect(row?.RescheduleTracker?.Events).toMatchObject([
      { PrevAllocID: alloc?.ID, PrevNodeID: alloc?.NodeID, Delay: 30 * SECOND },
    ]);
    expect(plan.stops).toMatchObject([{ description: 'alloc was rescheduled because it failed' }]);
  });

  it('move an instance that must leave its node', () => {
    const world = running(jobWith({ Count: 2 }));
    const [alloc] = world.wanted();
    world.change(alloc!.ID, { DesiredTransition: MIGRATE });
    const plan = world.step('alloc-stop');
    expect(plan.stops).toMatchObject([{ alloc: { ID: alloc?.ID }, description: 'alloc is being migrated' }]);
    expect(plan.placements).toMatchObject([{ Name: alloc?.Name, PreviousAllocation: alloc?.ID }]);
    expect(plan.desired.app).toMatchObject({ Migrate: 1, Ignore: 1 });
  });

  it('bring the successor first where the last serving instance must leave a draining node', () => {
    const world = running(jobWith({ Services: [newIngressService('web')] }));
    const [alloc] = world.wanted();
    world.setNode(
      world.nodes.findIndex((node) => node.ID === alloc?.NodeID),
      { Drain: true },
    );
    expect(world.step('node-drain').placements, 'the drainer has not marked it').toEqual([]);
    world.change(alloc!.ID, { DesiredTransition: MIGRATE });
    expect(world.step('node-drain').stops).toEqual([]);
    world.settle();
    world.nowMs += 30_000;
    expect(world.step('rolling-update').stops).toMatchObject([{ description: 'alloc is being migrated' }]);
  });
});

describe('batch jobs', () => {
  const batch = (fields: Partial<Job> = {}) => ({
    ...jobWith({ Count: 2, Update: null }),
    Type: 'batch' as const,
    ...fields,
  });

  it('do not run again what is done, and have no deployment', () => {
    const world = new World(newNodes(2));
    world.submit(batch());
    expect(world.step().deployment).toBeUndefined();
    for (const alloc of world.wanted()) world.change(alloc.ID, { ClientStatus: 'complete' });
    const plan = world.step('alloc-failure');
    expect([plan.placements, plan.stops]).toEqual([[], []]);
    expect(plan.desired.app).toMatchObject({ Ignore: 2, Place: 0 });
  });

  it('run again what a new version changes', () => {
    const world = new World(newNodes(2));
    world.submit(batch());
    world.step();
    for (const alloc of world.wanted()) world.change(alloc.ID, { ClientStatus: 'complete' });
    world.submit({ ...batch(), Priority: 60 });
    expect(world.step().placements).toEqual([]);
    world.submit({ ...batch(), TaskGroups: [newGroup({ Count: 2, Update: null, Tasks: release('r2') })] });
    expect(world.step().placements).toHaveLength(2);
  });

  it('try again what failed', () => {
    const world = new World(newNodes(2));
    world.submit(batch());
    world.step();
    const [alloc] = world.wanted();
    world.change(alloc!.ID, { ClientStatus: 'failed' });
    world.nowMs += 60_000;
    expect(world.step('alloc-failure').placements).toMatchObject([{ PreviousAllocation: alloc?.ID }]);
  });
});
