/** Instances that a drain has marked: they leave in turn, whatever happened since they were marked. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import { timestampOf } from '../model/nanos.ts';
import { World } from './fixture-world.ts';
import { health, newGroup, newJob, newNodes, newTask, newUpdate } from './fixtures.ts';

const MIGRATE: NonNullable<Allocation['DesiredTransition']> = {
  Migrate: true,
  Reschedule: null,
  ForceReschedule: null,
};
const HOUR_MS = 3_600_000;

const jobOf = (release: string, Count: number): Job =>
  newJob({
    TaskGroups: [
      newGroup({
        Count,
        Tasks: [newTask({ Env: { RELEASE: release } })],
        Update: newUpdate({ MaxParallel: 1 }),
        Migrate: { MaxParallel: 2, HealthCheck: 'checks', MinHealthyTime: 0, HealthyDeadline: 60_000_000_000 },
      }),
    ],
  });

/** A group that runs, judged by nobody for an hour. */
function running(count: number): World {
  const world = new World(newNodes(4));
  world.submit(jobOf('r1', count));
  world.step();
  world.settle();
  world.watch();
  world.nowMs += HOUR_MS;
  return world;
}

/** Nodes drain, and the drain has marked instances of them. */
function marked(world: World, count: number, deadlineMs = HOUR_MS): Allocation[] {
  const chosen = world.wanted().slice(0, count);
  for (const { ID, NodeID } of chosen) {
    world.setNode(
      world.nodes.findIndex((node) => node.ID === NodeID),
      {
        Drain: true,
        DrainStrategy: {
          Deadline: deadlineMs * 1e6,
          ForceDeadline: timestampOf(world.nowMs + deadlineMs),
          IgnoreSystemJobs: false,
          StartedAt: timestampOf(world.nowMs),
        },
      },
    );
    world.change(ID, { DesiredTransition: MIGRATE });
  }
  return chosen;
}

const leaving = (plan: { readonly stops: readonly { readonly alloc: Allocation; readonly description: string }[] }) =>
  plan.stops.filter(({ description }) => description === 'alloc is being migrated').length;

describe('instances that a drain has marked', () => {
  it('leave at once while their group can spare them', () => {
    const world = running(6);
    marked(world, 2);
    expect(leaving(world.step('node-drain'))).toBe(2);
  });

  it('wait for their successors where a node was lost since', () => {
    const world = running(6);
    const chosen = marked(world, 2);
    const other = world.wanted().find(({ NodeID }) => chosen.every((alloc) => alloc.NodeID !== NodeID))!;
    world.setNode(
      world.nodes.findIndex((node) => node.ID === other.NodeID),
      { Status: 'down' },
    );
    const lost = world.wanted().filter(({ NodeID }) => NodeID === other.NodeID).length;
    const plan = world.step('node-update');
    expect(lost).toBeGreaterThan(0);
    expect(leaving(plan)).toBe(Math.max(0, 2 - lost));
    expect(plan.placements.filter((row) => chosen.some(({ Name }) => Name === row.Name))).toHaveLength(2);
  });

  it('wait for their successors where the count was raised since, and go when these serve', () => {
    const world = running(3);
    const chosen = marked(world, 2);
    world.scale(jobOf('r1', 6));
    expect(leaving(world.step())).toBe(0);
    world.settle();
    world.nowMs += HOUR_MS / 2;
    world.step('rolling-update');
    expect(world.wanted().filter(({ ID }) => chosen.some((alloc) => alloc.ID === ID))).toEqual([]);
    expect(world.wanted()).toHaveLength(6);
  });

  it('do not wait for those that fail by themselves', () => {
    const world = running(4);
    marked(world, 1);
    for (const { ID } of world.wanted().slice(1)) world.change(ID, { DeploymentStatus: health(false) });
    expect(leaving(world.step('node-drain'))).toBe(1);
  });

  it('wait for nobody once the deadline of the drain has come', () => {
    const world = running(3);
    marked(world, 2, -1);
    world.scale(jobOf('r1', 6));
    expect(leaving(world.step())).toBe(2);
  });

  it('leave at once where a person stops them', () => {
    const world = running(3);
    for (const { ID } of world.wanted().slice(0, 2)) world.change(ID, { DesiredTransition: MIGRATE });
    world.scale(jobOf('r1', 6));
    expect(leaving(world.step('alloc-stop'))).toBe(2);
  });
});
