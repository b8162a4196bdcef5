import { describe, expect, it } from 'vitest';
import { dynamicPort, health, inputOf, NOW_MS, newAlloc, newGroup, newJob, newTask, newUpdate } from './fixtures.ts';
import { schedule } from './schedule.ts';

const web = (count: number, fields: Parameters<typeof newGroup>[0] = {}) =>
  newJob({ TaskGroups: [newGroup({ Count: count, Update: newUpdate({ MaxParallel: 2 }), ...fields })] });

const next = (job: ReturnType<typeof newJob>, env: string) => ({
  ...job,
  Version: job.Version + 1,
  TaskGroups: job.TaskGroups.map((group) => ({ ...group, Tasks: [newTask({ Env: { RELEASE: env } })] })),
});

describe('schedule', () => {
  it('places a new job at once and makes its deployment', () => {
    const plan = schedule(inputOf({ job: web(6, { Networks: dynamicPort() }) }));
    expect(plan.placements.map((row) => row.Name)).toEqual([0, 1, 2, 3, 4, 5].map((index) => `web.app[${index}]`));
    expect(plan.desired).toMatchObject({ app: { Place: 6, Ignore: 0 } });
    expect(plan.deployment?.TaskGroups.app).toMatchObject({ DesiredTotal: 6, PlacedAllocs: 0 });
    expect(plan.placements.every((row) => row.DeploymentID === plan.deployment?.ID)).toBe(true);
    expect(plan.failedGroups).toEqual({});
    expect(plan.queued).toEqual({ app: 0 });
  });

  it('stops everything of a stopped job and cancels its deployment', () => {
    const job = web(2);
    const deployment = schedule(inputOf({ job })).deployment!;
    const allocs = [newAlloc(job, 0), newAlloc(job, 1)];
    const plan = schedule(inputOf({ job: { ...job, Stop: true, Version: 1 }, versions: [job], allocs, deployment }));
    expect(plan.stops.map((stop) => stop.description)).toEqual(Array(2).fill('alloc not needed due to job update'));
    expect(plan.deploymentUpdates).toEqual([
      { deploymentId: deployment.ID, status: 'cancelled', description: 'Cancelled because job is stopped' },
    ]);
    expect(plan.desired).toMatchObject({ app: { Stop: 2 } });
  });

  it('a stopped job’s failed instances give their places up, so that all of its count starts when it runs again', () => {
    const job = web(6);
    const failed = [0, 1, 2, 3, 4, 5].map((index) => newAlloc(job, index, { ClientStatus: 'failed' }));
    const stopped = { ...job, Stop: true, Version: 1 };
    const plan = schedule(inputOf({ job: stopped, versions: [job], allocs: failed }));
    expect(plan.stops).toHaveLength(6);
    expect(plan.desired).toMatchObject({ app: { Stop: 0 } });
    const allocs = failed.map((alloc) => ({ ...alloc, DesiredStatus: 'stop' as const }));
    const again = schedule(inputOf({ job: { ...next(job, 'r2'), Version: 2 }, versions: [job, stopped], allocs }));
    expect(again.placements).toHaveLength(6);
  });

  it('stops everything of a purged job', () => {
    const job = web(2);
    const plan = schedule(inputOf({ job: undefined, versions: [job], allocs: [newAlloc(job, 0)] }));
    expect(plan.stops).toHaveLength(1);
  });

  it('replaces max_parallel instances at a time and waits for the health of the new ones', () => {
    const old = web(6);
    const job = next(old, 'r2');
    const allocs = [0, 1, 2, 3, 4, 5].map((index) => newAlloc(old, index, { DeploymentStatus: health(true) }));
    const first = schedule(inputOf({ job, versions: [old], allocs }));
    expect(first.desired).toMatchObject({ app: { DestructiveUpdate: 2, Ignore: 4 } });
    expect(first.stops.map((stop) => stop.description)).toEqual(
      Array(2).fill('alloc is being updated due to job update'),
    );
    expect(first.placements.map((row) => row.PreviousAllocation)).toEqual(first.stops.map((stop) => stop.alloc.ID));
    expect(first.heldBack).toEqual({ app: { reason: 'max_parallel', count: 4 } });

    const stopped = new Set(first.stops.map((stop) => stop.alloc.ID));
    const after = [
      ...allocs.map((alloc) => (stopped.has(alloc.ID) ? { ...alloc, DesiredStatus: 'stop' as const } : alloc)),
      ...first.placements,
    ];
    const deployment = first.deployment;
    const waiting = schedule(inputOf({ job, versions: [old], allocs: after, deployment }));
    expect(waiting.placements).toEqual([]);
    expect(waiting.stops).toEqual([]);
    const healthy = after.map((alloc, at) =>
      at >= 6 ? { ...alloc, ClientStatus: 'running' as const, DeploymentStatus: health(at === 6) } : alloc,
    );
    const second = schedule(inputOf({ job, versions: [old], allocs: healthy, deployment, nowMs: NOW_MS + 20_000 }));
    expect(second.desired).toMatchObject({ app: { DestructiveUpdate: 1 } });
  });

  it('scales down by the highest index', () => {
    const old = web(4);
    const job = { ...old, Version: 1, TaskGroups: [{ ...old.TaskGroups[0]!, Count: 2 }] };
    const allocs = [0, 1, 2, 3].map((index) => newAlloc(old, index, { DeploymentStatus: health(true) }));
    const plan = schedule(inputOf({ job, versions: [old], allocs }));
    expect(plan.stops.map((stop) => stop.alloc.Name)).toEqual(['web.app[3]', 'web.app[2]']);
    expect(plan.desired).toMatchObject({ app: { Stop: 2, InPlaceUpdate: 2 } });
  });
});
