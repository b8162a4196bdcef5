/** Registering, planning, stopping and evaluating jobs: what is stored and what is answered. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobRequest } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import { NOW_MS, newAlloc, newGroup, newJob, newNode, newTask } from '../scheduler/fixtures.ts';
import { put, read, type TestState, testState } from './fixtures.ts';
import { deregisterJob, evaluateJob, planJob, registerJob, validated } from './job-operations.ts';
import type { RegisterRequest } from './operations.ts';

const web = (Count = 1, fields: Partial<Job> = {}): JobRequest =>
  newJob({ TaskGroups: [newGroup({ Count })], ...fields });

let world: TestState;
beforeEach(async () => {
  world = await testState();
});

const register = (Job: JobRequest, request: Omit<RegisterRequest, 'Job'> = {}) =>
  registerJob(world, { Job, ...request });
const job = () => read(world, (tx) => tx.job('default', 'web'));
const versions = () => read(world, (tx) => tx.jobVersions('default', 'web').map((each) => each.Version));
const evaluation = (id: string) => read(world, (tx) => tx.evaluation(id));

describe('registering', () => {
  it('stores the first version and asks for its evaluation, in one transaction', async () => {
    const answer = await register(web());
    expect(answer).toMatchObject({ EvalCreateIndex: 1, JobModifyIndex: 1, Index: 1, Warnings: '' });
    expect(job()).toMatchObject({
      Version: 0,
      Status: 'pending',
      Stop: false,
      SubmitTime: nanosOf(NOW_MS),
      CreateIndex: 1,
      JobModifyIndex: 1,
    });
    expect(evaluation(answer.EvalID)).toMatchObject({ TriggeredBy: 'job-register', Status: 'pending', CreateIndex: 1 });
    expect(world.state.durableIndex).toBe(1);
  });

  it('stores what changed as the next version, whatever the request says about versions and status', async () => {
    await register(web());
    const { JobModifyIndex } = await register(web(2, { Version: 77, Stable: true, Status: 'dead', CreateIndex: 99 }));
    expect(versions()).toEqual([1, 0]);
    expect(job()).toMatchObject({ Version: 1, Stable: false, Status: 'pending', CreateIndex: 1, JobModifyIndex });
  });

  it('stores nothing where nothing changed, and evaluates all the same', async () => {
    const first = await register(web());
    const second = await register(web());
    expect(second.JobModifyIndex).toBe(first.JobModifyIndex);
    expect(evaluation(second.EvalID)?.JobModifyIndex).toBe(first.JobModifyIndex);
    expect(versions()).toEqual([0]);
  });

  it('starts a stopped job again, as a new version', async () => {
    await register(web());
    await deregisterJob(world, 'default', 'web', { purge: false });
    await register(web());
    expect(job()).toMatchObject({ Version: 2, Stop: false });
  });

  it('stops a job that says so of itself, as one does that was read while it was stopped', async () => {
    await register(web());
    await register(web(1, { Stop: true }));
    expect(job()).toMatchObject({ Version: 1, Stop: true });
  });

  it('refuses a namespace that does not exist, in planning as well', async () => {
    const elsewhere = web(1, { Namespace: 'nope' });
    const refusal = { code: 'refused', message: 'job "web" is in nonexistent namespace "nope"' };
    await expect(register(elsewhere)).rejects.toMatchObject(refusal);
    await expect(planJob(world, { Job: elsewhere, Diff: false })).rejects.toMatchObject(refusal);
  });

  it('starts anew after a purge', async () => {
    await register(web());
    await register(web(2));
    await deregisterJob(world, 'default', 'web', { purge: true });
    const { JobModifyIndex } = await register(web(2));
    expect(job()).toMatchObject({ Version: 0, CreateIndex: JobModifyIndex });
  });

  it('keeps the counts that run, where it is asked to, and takes those of new groups from the request', async () => {
    await register(web(7));
    const groups = [newGroup({ Count: 1 }), newGroup({ Name: 'db', Count: 3 })];
    await register(newJob({ TaskGroups: groups }), { PreserveCounts: true });
    expect(job()?.TaskGroups.map((group) => group.Count)).toEqual([7, 3]);
    await register(newJob({ TaskGroups: groups }));
    expect(job()?.TaskGroups.map((group) => group.Count)).toEqual([1, 3]);
  });

  it('refuses a job that is none, and one that is wrong, and stores nothing', async () => {
    await expect(register(undefined as never)).rejects.toMatchObject({
      code: 'badRequest',
      message: 'Job must be specified',
    });
    await expect(register({})).rejects.toThrow("Job ID hasn't been provided");
    await expect(register(web(1, { TaskGroups: [] }))).rejects.toMatchObject({ code: 'invalidJob' });
    expect(world.state.index).toBe(0);
  });
});

describe('an enforced index', () => {
  const enforced = (JobModifyIndex: number, count = 2) => register(web(count), { EnforceIndex: true, JobModifyIndex });

  it('of 0 lets only a new job pass', async () => {
    await enforced(0);
    await expect(enforced(0)).rejects.toMatchObject({
      code: 'indexConflict',
      message: 'Enforcing job modify index 0: job already exists',
    });
  });

  it('that is the current one lets pass', async () => {
    const { JobModifyIndex } = await register(web());
    await enforced(JobModifyIndex);
    expect(versions()).toEqual([1, 0]);
  });

  it('that is not says which one is, and stores nothing', async () => {
    const { JobModifyIndex } = await register(web());
    await expect(enforced(77)).rejects.toThrow(
      `Enforcing job modify index 77: job exists with conflicting job modify index: ${JobModifyIndex}`,
    );
    expect(versions()).toEqual([0]);
  });

  it('of a job that does not exist says so', async () => {
    await expect(enforced(77)).rejects.toThrow('Enforcing job modify index 77: job does not exist');
  });

  it('counts only where it is enforced', async () => {
    await register(web());
    await register(web(2), { JobModifyIndex: 77 });
    expect(versions()).toEqual([1, 0]);
  });
});

describe('planning', () => {
  it('says what would happen, and changes nothing', async () => {
    await put(world.state, { nodes: [newNode(0)] });
    const { JobModifyIndex } = await register(web());
    const { index } = world.state;
    const plan = await planJob(world, { Job: web(3), Diff: true });
    expect(plan).toMatchObject({
      Annotations: { DesiredTGUpdates: { app: { Place: 3 } } },
      JobModifyIndex,
      FailedTGAllocs: null,
      CreatedEvals: null,
      Diff: { Type: 'Edited', ID: 'web' },
      Index: 0,
    });
    expect(world.state.index).toBe(index);
    expect([job()?.TaskGroups[0]?.Count, versions()]).toEqual([1, [0]]);
  });

  it('of a job that is new says so, and that there is no room', async () => {
    const plan = await planJob(world, { Job: web(2), Diff: true });
    expect(plan).toMatchObject({
      JobModifyIndex: 0,
      Diff: { Type: 'Added' },
      FailedTGAllocs: { app: { NodesEvaluated: 0, CoalescedFailures: 1 } },
    });
  });

  it('gives no diff where none is wanted', async () => {
    expect((await planJob(world, { Job: web(), Diff: false })).Diff).toBeNull();
  });

  it('of what runs already says that nothing changes', async () => {
    await put(world.state, { nodes: [newNode(0)] });
    await register(web());
    await put(world.state, { allocs: [newAlloc(job()!, 0)] });
    const plan = await planJob(world, { Job: web(), Diff: true });
    expect(plan).toMatchObject({ Diff: { Type: 'None' }, Annotations: { DesiredTGUpdates: { app: { Ignore: 1 } } } });
  });

  it('tells the whole course of an update', async () => {
    await put(world.state, { nodes: [newNode(0)] });
    await register(web(3));
    await put(world.state, { allocs: [0, 1, 2].map((index) => newAlloc(job()!, index)) });
    const next = newJob({ TaskGroups: [newGroup({ Count: 3, Tasks: [newTask({ Env: { RELEASE: '2' } })] })] });
    expect((await planJob(world, { Job: next, Diff: false })).Course).toEqual([
      'Rolling update: 3 instances in 3 batches of 1, at least 30s; next evaluation in 10s.',
    ]);
  });

  it('refuses what registering would refuse', async () => {
    await expect(planJob(world, { Job: web(1, { TaskGroups: [] }), Diff: false })).rejects.toMatchObject({
      code: 'invalidJob',
    });
  });
});

describe('stopping', () => {
  it('is a version of its own, evaluated, and no second one where it is stopped already', async () => {
    await register(web());
    const first = await deregisterJob(world, 'default', 'web', { purge: false });
    expect(job()).toMatchObject({ Stop: true, Version: 1, Status: 'dead', JobModifyIndex: first.JobModifyIndex });
    expect(evaluation(first.EvalID)).toMatchObject({ TriggeredBy: 'job-deregister', Status: 'pending' });
    await deregisterJob(world, 'default', 'web', { purge: false });
    expect(versions()).toEqual([1, 0]);
  });

  it('with purge forgets the job at once, and evaluates what is left of it', async () => {
    await register(web(1, { Priority: 80 }));
    const { EvalID } = await deregisterJob(world, 'default', 'web', { purge: true });
    expect(job()).toBeUndefined();
    expect(evaluation(EvalID)).toMatchObject({ JobID: 'web', Priority: 80, Status: 'pending' });
  });

  it('of a job that nobody knows is no mistake', async () => {
    const { EvalID } = await deregisterJob(world, 'default', 'unknown', { purge: false });
    expect(evaluation(EvalID)).toMatchObject({ JobID: 'unknown', Priority: 50, Type: 'service' });
    expect(read(world, (tx) => [...tx.jobs()])).toEqual([]);
  });
});

describe('evaluating', () => {
  it('asks for an evaluation, and touches nothing else', async () => {
    await register(web());
    const { EvalID } = await evaluateJob(world, 'default', 'web', { forceReschedule: false });
    expect(evaluation(EvalID)).toMatchObject({ TriggeredBy: 'job-register', Status: 'pending' });
    await expect(evaluateJob(world, 'default', 'unknown', { forceReschedule: false })).rejects.toMatchObject({
      code: 'notFound',
    });
  });

  it('with force marks what failed and has no successor, whatever its policy says', async () => {
    await register(web());
    const failed = { ClientStatus: 'failed' as const };
    const rows = [
      newAlloc(job()!, 0, { ID: 'failed', ...failed }),
      newAlloc(job()!, 1, { ID: 'replaced', ...failed, NextAllocation: 'x' }),
      newAlloc(job()!, 2, { ID: 'stopped', ...failed, DesiredStatus: 'stop' }),
      newAlloc(job()!, 3, { ID: 'runs' }),
    ];
    await put(world.state, { allocs: rows });
    await evaluateJob(world, 'default', 'web', { forceReschedule: true });
    const marked = read(world, (tx) => rows.filter(({ ID }) => tx.alloc(ID)?.DesiredTransition?.ForceReschedule));
    expect(marked.map((row) => row.ID)).toEqual(['failed']);
  });
});

describe('validating', () => {
  it('gives the canonical job, and every problem of it at once', () => {
    expect(validated({ ID: 'web' })).toMatchObject({ job: { ID: 'web', Type: 'service', Region: 'global' } });
    expect(validated({ ID: 'web' }).errors.length).toBeGreaterThan(1);
    expect(validated(web()).errors).toEqual([]);
  });

  it('throws only for what is no job at all', () => {
    expect(() => validated(undefined)).toThrow('Job must be specified');
    expect(() => validated({ ID: 'web', TaskGroups: 7 })).toThrow();
  });
});
