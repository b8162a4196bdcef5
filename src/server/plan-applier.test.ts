/** What of a plan becomes rows, in which parts, and what is refused. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import { MINUTE, nanosOf, timestampOf, ZERO_TIME } from '../model/nanos.ts';
import type { Node } from '../model/node.ts';
import {
  health,
  NOW_MS,
  newAlloc,
  newEvaluation,
  newGroup,
  newJob,
  newNode,
  newTask,
  staticPort,
} from '../scheduler/fixtures.ts';
import type { Plan, PlannedStop } from '../scheduler/types.ts';
import { newDeployment, newPlan, put, read, type TestState, testState } from './fixtures.ts';
import { applyPart, isOutdated, PART_SIZE, planParts, progressBy } from './plan-applier.ts';

const job = newJob();
const stopOf = (alloc: Allocation, fields: Partial<PlannedStop> = {}): PlannedStop => ({
  alloc,
  description: 'alloc is being updated due to job update',
  ...fields,
});
const successorOf = (alloc: Allocation, fields: Partial<Allocation> = {}): Allocation => ({
  ...newAlloc(job, 0),
  ID: `next-${alloc.ID}`,
  Name: alloc.Name,
  ClientStatus: 'pending',
  PreviousAllocation: alloc.ID,
  ...fields,
});
const port = (Value: number) => ({ Label: 'http', Value, To: 0, HostIP: '127.0.0.1' });

describe('the parts of a plan', () => {
  const many = (count: number, from = 0) =>
    Array.from({ length: count }, (_, at) => newAlloc(job, from + at, { ID: `a${from + at}` }));

  it('are one, where it is small', () => {
    const plan = newPlan({ stops: many(PART_SIZE / 2).map((alloc) => stopOf(alloc)), placements: many(PART_SIZE / 2) });
    expect(planParts(plan)).toMatchObject([{ isFirst: true, stops: plan.stops, placements: plan.placements }]);
    expect(planParts(newPlan())).toHaveLength(1);
  });

  it('have a limited number of allocations each, and keep a stop and its successor together', () => {
    const old = many(1200);
    const fresh = many(701, 5000).map((row) => ({ ...row, PreviousAllocation: '' }));
    const plan = newPlan({
      stops: old.map((alloc) => stopOf(alloc)),
      inPlace: many(300, 9000),
      placements: [...fresh, ...old.slice(0, 900).map((alloc) => successorOf(alloc))],
    });
    const parts = planParts(plan);
    for (const part of parts) {
      expect(part.stops.length + part.inPlace.length + part.placements.length).toBeLessThanOrEqual(PART_SIZE);
      const stopped = new Set(part.stops.map((stop) => stop.alloc.ID));
      const successors = part.placements.filter((row) => row.PreviousAllocation !== '');
      expect(successors.every((row) => stopped.has(row.PreviousAllocation))).toBe(true);
    }
    expect(parts.map((part) => part.isFirst)).toEqual([true, ...parts.slice(1).map(() => false)]);
    expect(idsOf(parts.flatMap((part) => part.stops.map((stop) => stop.alloc)))).toEqual(idsOf(old));
    expect(idsOf(parts.flatMap((part) => part.placements))).toEqual(idsOf(plan.placements));
    expect(idsOf(parts.flatMap((part) => part.inPlace))).toEqual(idsOf(plan.inPlace));
  });
});

const idsOf = (rows: readonly Allocation[]) => rows.map((row) => row.ID).sort();

describe('applying', () => {
  let world: TestState;
  beforeEach(async () => {
    world = await testState();
  });

  async function apply(plan: Plan, nowMs = NOW_MS): Promise<number> {
    const [part] = planParts(plan);
    const { result } = await world.state.update((tx) => applyPart(tx, plan, part!, nowMs));
    return result.refused;
  }
  const alloc = (id: string) => read(world, (tx) => tx.alloc(id));
  const appState = (id: string) => read(world, (tx) => tx.deployment(id)?.TaskGroups.app);
  const given = (rows: { job?: Job; nodes?: Node[]; allocs?: Allocation[] } = {}) =>
    put(world.state, { jobs: [rows.job ?? job], nodes: rows.nodes ?? [newNode(0)], allocs: rows.allocs ?? [] });

  it('writes the successor, links its predecessor to it, and tells the predecessor to stop', async () => {
    const old = newAlloc(job, 0, { ID: 'old' });
    await given({ allocs: [old] });
    expect(await apply(newPlan({ stops: [stopOf(old)], placements: [successorOf(old)] }))).toBe(0);
    expect(alloc('next-old')).toMatchObject({ ClientStatus: 'pending', CreateTime: nanosOf(NOW_MS) });
    expect(alloc('old')).toMatchObject({
      DesiredStatus: 'stop',
      DesiredDescription: 'alloc is being updated due to job update',
      ClientStatus: 'running',
      NextAllocation: 'next-old',
      AllocModifyIndex: 2,
    });
  });

  it('takes the word back that an instance which rested is drained: it was not about its stop', async () => {
    const Traffic = { Ready: false, Applied: true, Drained: true, Owing: ['edge'], ChangedMs: 1 };
    const old = newAlloc(job, 0, { ID: 'old', Traffic });
    await given({ allocs: [old] });
    await apply(newPlan({ stops: [stopOf(old)] }));
    expect(alloc('old')).toMatchObject({ DesiredStatus: 'stop', Traffic: { Applied: false, Drained: false } });
  });

  it('keeps what a node reported while the plan was made', async () => {
    const old = newAlloc(job, 0, { ID: 'old', ClientStatus: 'pending' });
    await given({ allocs: [old] });
    const reported = { ...old, ClientStatus: 'running' as const, ClientDescription: 'Tasks are running' };
    await put(world.state, { allocs: [reported] });
    await apply(newPlan({ inPlace: [{ ...old, JobVersion: 1, DeploymentID: 'd', EvalID: 'e' }] }));
    expect(alloc('old')).toMatchObject({ ClientDescription: 'Tasks are running', JobVersion: 1, DeploymentID: 'd' });
  });

  it.each([
    ['is forgotten with it where its original goes on', true, 'running', ''],
    ['stays where its original has ended', true, 'lost', 'next-old'],
    ['stays in a group that waits for no node', false, 'running', 'next-old'],
  ] as const)('what took a place %s', async (_, waits, ClientStatus, NextAllocation) => {
    const Disconnect = { LostAfter: null, Replace: true, Reconcile: 'keep_original' };
    const waiting = newJob({ TaskGroups: [newGroup(waits ? { Disconnect } : {})] });
    const old = newAlloc(waiting, 0, { ID: 'old', ClientStatus, NextAllocation: 'next-old' });
    const standIn = successorOf(old, { ClientStatus: 'running' });
    await given({ job: waiting, allocs: [old, standIn] });
    await apply(newPlan({ stops: [stopOf(standIn)] }));
    expect(alloc('old')).toMatchObject({ DesiredStatus: 'run', NextAllocation });
  });

  it('leaves one that goes on in its deployment as healthy as it was, and counts it once', async () => {
    const DeploymentStatus = health(true);
    const old = newAlloc(job, 0, {
      ID: 'old',
      ClientStatus: 'running',
      DeploymentID: 'd',
      DeploymentStatus: health(null),
    });
    await given({ allocs: [old] });
    await put(world.state, { deployments: [newDeployment(job, { PlacedAllocs: 1 }, { ID: 'd' })] });
    await put(world.state, { allocs: [{ ...old, DeploymentStatus }] });
    await apply(newPlan({ inPlace: [{ ...old, JobVersion: 1 }], deploymentId: 'd' }));
    expect(alloc('old')).toMatchObject({ JobVersion: 1, DeploymentStatus });
    expect(read(world, (tx) => tx.deployment('d')?.TaskGroups.app?.PlacedAllocs)).toBe(1);
  });

  it('wakes what rests where it is updated in place', async () => {
    const old = newAlloc(job, 0, { ID: 'old', ClientStatus: 'running', RestsUntilMs: 5, NextAllocation: 'next' });
    await given({ allocs: [old] });
    const { RestsUntilMs: _, ...row } = old;
    await apply(newPlan({ inPlace: [{ ...row, JobVersion: 1 }] }));
    expect(alloc('old')).not.toHaveProperty('RestsUntilMs');
    expect(alloc('old')?.NextAllocation, 'it may be followed again').toBe('');
  });

  it('asks for one look at a time: an earlier one that is pending is enough', async () => {
    const look = (ID: string, inMs: number) =>
      newEvaluation(job, { ID, TriggeredBy: 'rolling-update', Status: 'pending', WaitUntilMs: NOW_MS + inMs });
    await given({});
    await apply(newPlan({ followups: [look('first', 1000), look('later', 2000), look('earlier', 500)] }));
    await apply(newPlan({ followups: [look('again', 1000)] }));
    expect(read(world, (tx) => [...tx.evaluations()].map(({ ID }) => ID)).sort()).toEqual(['earlier', 'first']);
  });

  it('updates nothing in place that has ended meanwhile', async () => {
    const old = newAlloc(job, 0, { ID: 'old', ClientStatus: 'failed' });
    await given({ allocs: [old] });
    await apply(newPlan({ inPlace: [{ ...old, ClientStatus: 'running', JobVersion: 1 }] }));
    expect(alloc('old')).toMatchObject({ ClientStatus: 'failed', JobVersion: 0 });
  });

  it('marks as lost only what has not ended by itself', async () => {
    const rows = (['running', 'complete'] as const).map((status) =>
      newAlloc(job, 0, { ID: status, ClientStatus: status }),
    );
    await given({ allocs: rows });
    await apply(newPlan({ stops: rows.map((row) => stopOf(row, { clientStatus: 'lost', followupEvalId: 'later' })) }));
    expect(alloc('running')).toMatchObject({ ClientStatus: 'lost', DesiredStatus: 'stop', FollowupEvalID: 'later' });
    expect(alloc('complete')).toMatchObject({ ClientStatus: 'complete', DesiredStatus: 'stop' });
  });

  it('creates what the plan brings along: deployment, ends of others, timers and who waits for them', async () => {
    const failed = newAlloc(job, 0, { ID: 'failed', ClientStatus: 'failed' });
    const old = newDeployment(job, {}, { ID: 'old' });
    const done = newDeployment(job, {}, { ID: 'done', Status: 'successful' });
    await given({ allocs: [failed] });
    await put(world.state, { deployments: [old, done] });
    const timer = newEvaluation(job, { ID: 'timer', WaitUntilMs: NOW_MS + 30_000 });
    const cancel = { status: 'cancelled' as const, description: 'Cancelled due to newer version of job' };
    await apply(
      newPlan({
        deployment: newDeployment(job, {}, { ID: 'new' }),
        deploymentUpdates: ['old', 'done', 'gone'].map((deploymentId) => ({ deploymentId, ...cancel })),
        followups: [timer],
        delayed: [{ ...failed, FollowupEvalID: 'timer' }, newAlloc(job, 7, { ID: 'gone' })],
      }),
      NOW_MS + 5,
    );
    read(world, (tx) => {
      expect(tx.deployment('new')).toMatchObject({ Status: 'running', CreateTimeMs: NOW_MS + 5 });
      expect(tx.deployment('old')).toMatchObject({
        Status: 'cancelled',
        StatusDescription: cancel.description,
        Failure: 'newer-version',
      });
      expect(tx.deployment('done')?.Status, 'what has ended stays as it ended').toBe('successful');
      expect(tx.evaluation('timer')?.WaitUntilMs).toBe(NOW_MS + 30_000);
      expect(tx.alloc('failed')?.FollowupEvalID).toBe('timer');
      expect(tx.alloc('gone')).toBeUndefined();
    });
  });

  describe('a placement that no longer holds', () => {
    const small = newNode(0, {}, { cpu: 150 });
    const cases: Record<string, { nodes: Node[]; allocs?: Allocation[]; row?: Partial<Allocation> }> = {
      'is refused where its node is down': { nodes: [newNode(0, { Status: 'down' })] },
      'is refused where its node takes nothing new': { nodes: [newNode(0, { SchedulingEligibility: 'ineligible' })] },
      'is refused where its node is draining': { nodes: [newNode(0, { Drain: true })] },
      'is refused where its node is gone': { nodes: [] },
      'is refused where another took its port': {
        nodes: [newNode(0)],
        allocs: [newAlloc(job, 5, { ID: 'other', Ports: [port(8080)] })],
        row: { Ports: [port(8080)] },
      },
      'is refused where the room has gone': { nodes: [small], allocs: [newAlloc(job, 5, { ID: 'other' })] },
      'is refused where its version is unknown': { nodes: [newNode(0)], row: { JobVersion: 9 } },
      'is refused where its group is unknown': { nodes: [newNode(0)], row: { TaskGroup: 'gone' } },
    };
    it.each(Object.entries(cases))('%s', async (_, { nodes, allocs = [], row = {} }) => {
      await given({ nodes, allocs });
      expect(await apply(newPlan({ placements: [{ ...newAlloc(job, 0), ID: 'new', ...row }] }))).toBe(1);
      expect(alloc('new')).toBeUndefined();
    });

    it('is one of two that were planned onto the same port', async () => {
      await given();
      const rows = ['one', 'two'].map((ID) => ({ ...newAlloc(job, 0), ID, Ports: [port(20_000)] }));
      expect(await apply(newPlan({ placements: rows }))).toBe(1);
      expect([alloc('one')?.ID, alloc('two')?.ID]).toEqual(['one', undefined]);
    });

    it('leaves room that is kept for the node itself alone', async () => {
      const reserved = { ...newNode(0).ReservedResources, Cpu: { CpuShares: 3950, ReservedCpuCores: null } };
      await given({ nodes: [newNode(0, { ReservedResources: reserved })] });
      expect(await apply(newPlan({ placements: [newAlloc(job, 0)] }))).toBe(1);
    });

    it('keeps its predecessor running: an update never takes more than it gives', async () => {
      const old = newAlloc(job, 0, { ID: 'old' });
      const other = newAlloc(job, 1, { ID: 'other' });
      await given({ allocs: [old, other], nodes: [newNode(0, { SchedulingEligibility: 'ineligible' })] });
      expect(await apply(newPlan({ stops: [stopOf(old), stopOf(other)], placements: [successorOf(old)] }))).toBe(1);
      expect(alloc('old')).toMatchObject({ DesiredStatus: 'run', NextAllocation: '' });
      expect(alloc('other')?.DesiredStatus, 'a stop without a successor goes on').toBe('stop');
    });

    it('does not keep a predecessor that is lost: nobody can run on there', async () => {
      const old = newAlloc(job, 0, { ID: 'old' });
      await given({ allocs: [old], nodes: [newNode(0, { Status: 'down' })] });
      await apply(newPlan({ stops: [stopOf(old, { clientStatus: 'lost' })], placements: [successorOf(old)] }));
      expect(alloc('old')).toMatchObject({ DesiredStatus: 'stop', ClientStatus: 'lost' });
    });

    it('does not count in its deployment', async () => {
      const row = { ...newAlloc(job, 0), DeploymentID: 'd' };
      await given({ nodes: [newNode(0, { Status: 'down' })] });
      await apply(newPlan({ deployment: newDeployment(job, {}, { ID: 'd' }), placements: [row] }));
      expect(appState('d')).toMatchObject({ PlacedAllocs: 0, RequireProgressBy: ZERO_TIME });
    });
  });

  describe('a successor planned onto the very room of its predecessor', () => {
    const fixed = newJob({ TaskGroups: [newGroup({ Networks: staticPort(8080), Tasks: [big()] })] });
    const old = newAlloc(fixed, 0, { ID: 'old', Ports: [port(8080)] });
    const next = successorOf(old, { AwaitsPrevious: true, Ports: [port(8080)] });

    it('is taken although port and room are held: by the one that it waits for', async () => {
      await given({ job: fixed, allocs: [old] });
      expect(await apply(newPlan({ stops: [stopOf(old)], placements: [next] }))).toBe(0);
      expect(alloc('next-old')?.AwaitsPrevious).toBe(true);
    });

    it('is taken where the predecessor has ended meanwhile and nobody came', async () => {
      await given({ job: fixed, allocs: [{ ...old, ClientStatus: 'complete' }] });
      expect(await apply(newPlan({ stops: [stopOf(old)], placements: [next] }))).toBe(0);
    });

    it('is refused where the predecessor has ended meanwhile and another took its port', async () => {
      const other = newAlloc(fixed, 1, { ID: 'other', Ports: [port(8080)] });
      await given({ job: fixed, allocs: [{ ...old, ClientStatus: 'complete' }, other] });
      expect(await apply(newPlan({ stops: [stopOf(old)], placements: [next] }))).toBe(1);
    });

    function big(): TaskGroup['Tasks'][number] {
      const task = newTask();
      return { ...task, Resources: { ...task.Resources, CPU: 3000 } };
    }
  });

  describe('the counts of a deployment', () => {
    const deployment = newDeployment(job, { ProgressDeadline: 10 * MINUTE }, { ID: 'd' });
    const ours = (index: number, fields: Partial<Allocation> = {}) =>
      newAlloc(job, index, { ID: `new-${index}`, DeploymentID: 'd', ...fields });

    it('start its clock at the first placement, which no later one moves', async () => {
      await given();
      await put(world.state, { deployments: [deployment] });
      await apply(newPlan({ placements: [ours(0)] }), NOW_MS);
      await apply(newPlan({ placements: [ours(1)] }), NOW_MS + 60_000);
      expect(appState('d')).toMatchObject({ PlacedAllocs: 2, RequireProgressBy: timestampOf(NOW_MS + 600_000) });
    });

    it('count those that run on in place, and name the canaries', async () => {
      const stays = newAlloc(job, 3, { ID: 'stays' });
      await given({ allocs: [stays] });
      await apply(
        newPlan({
          deployment,
          inPlace: [{ ...stays, DeploymentID: 'd' }],
          placements: [ours(0, { DeploymentStatus: { ...health(null)!, Canary: true } }), newAlloc(job, 9)],
        }),
      );
      expect(appState('d')).toMatchObject({ PlacedAllocs: 2, PlacedCanaries: ['new-0'] });
    });

    it('count each group for itself', async () => {
      const two = newJob({ TaskGroups: [newGroup(), newGroup({ Name: 'db' })] });
      await given({ job: two });
      await apply(newPlan({ deployment: newDeployment(two, {}, { ID: 'd' }), placements: [ours(0)] }));
      expect(read(world, (tx) => tx.deployment('d')?.TaskGroups)).toMatchObject({
        app: { PlacedAllocs: 1 },
        db: { PlacedAllocs: 0, RequireProgressBy: ZERO_TIME },
      });
    });

    it('note a batch only where something is replaced: nothing waits for those that are simply more', async () => {
      const old = newAlloc(job, 0, { ID: 'old' });
      await given({ allocs: [old] });
      await apply(newPlan({ deployment, placements: [ours(1)] }), NOW_MS);
      expect(appState('d')).not.toHaveProperty('LastBatchMs');
      await apply(newPlan({ stops: [stopOf(old)], placements: [ours(2, { PreviousAllocation: 'old' })] }), NOW_MS + 7);
      expect(appState('d')).toMatchObject({ LastBatchMs: NOW_MS + 7 });
    });
  });
});

describe('the time by which a group must have made progress', () => {
  it('is its deadline from now on, or never where it has none', () => {
    expect(progressBy({ ProgressDeadline: 10 * MINUTE }, NOW_MS)).toBe(timestampOf(NOW_MS + 600_000));
    expect(progressBy({ ProgressDeadline: 0 }, NOW_MS)).toBe(ZERO_TIME);
  });
});

describe('a plan', () => {
  it.each<[string, Partial<Job> | undefined, boolean]>([
    ['is outdated once the job was registered anew', { JobModifyIndex: 11 }, true],
    ['is outdated once the job was stopped', { Stop: true }, true],
    ['is outdated once the job was purged', undefined, true],
    ['still holds when only the status has changed', { Status: 'pending', Stable: true, ModifyIndex: 99 }, false],
  ])('%s', (_, change, outdated) => {
    expect(isOutdated(job, change && { ...job, ...change })).toBe(outdated);
  });
});
