/** What becomes of a node's report. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Allocation, AllocUpdate } from '../model/allocation.ts';
import { MINUTE, nanosOf, timestampOf, ZERO_TIME } from '../model/nanos.ts';
import { health, NOW_MS, newAlloc, newJob, newNode } from '../scheduler/fixtures.ts';
import { applyAllocUpdates } from './alloc-updates.ts';
import { newDeployment, put, read, type TestState, testState } from './fixtures.ts';

const NODE = newNode(0).ID;
const job = newJob({ Status: 'pending' });
const LATER_MS = NOW_MS + 90_000;

const update = (ID: string, fields: Partial<AllocUpdate> = {}): AllocUpdate => ({
  ID,
  ClientStatus: 'running',
  ClientDescription: 'Tasks are running',
  TaskStates: null,
  ...fields,
});
const judged = (Healthy: boolean) => ({ Healthy: { Healthy, TimestampMs: NOW_MS + 80_000 } });

let world: TestState;
beforeEach(async () => {
  world = await testState();
});

const given = (...allocs: Allocation[]) => put(world.state, { jobs: [job], nodes: [newNode(0)], allocs });
const report = (updates: readonly AllocUpdate[], nodeId = NODE) =>
  world.state.update((tx) => applyAllocUpdates(tx, nodeId, updates, { nowMs: LATER_MS, newId: world.newId }));
const alloc = (id: string) => read(world, (tx) => tx.alloc(id));
const evaluations = () => read(world, (tx) => [...tx.evaluations()]);
const app = (id = 'd') => read(world, (tx) => tx.deployment(id)?.TaskGroups.app);

describe('a report', () => {
  it('replaces what the node is to say, and nothing of what the server says', async () => {
    await given(newAlloc(job, 0, { ID: 'a', ClientStatus: 'pending', DesiredStatus: 'stop', FollowupEvalID: 'x' }));
    const services = [
      { Service: 'web', PortLabel: 'http', Address: '127.0.0.1', Port: 1, Status: 'passing' as const, Checks: [] },
    ];
    await report([update('a', { Services: services })]);
    expect(alloc('a')).toMatchObject({
      ClientStatus: 'running',
      ClientDescription: 'Tasks are running',
      Services: services,
      DesiredStatus: 'stop',
      FollowupEvalID: 'x',
      ModifyTime: nanosOf(LATER_MS),
      AllocModifyIndex: 1,
    });
    expect(read(world, (tx) => tx.job('default', 'web')?.Status)).toBe('running');
  });

  it('keeps what a task wrote last, also when a later one does not say it', async () => {
    const Output = { server: { Stdout: 'listening', Stderr: 'ReferenceError' } };
    await given(newAlloc(job, 0, { ID: 'a' }));
    await report([update('a', { ...judged(false), Output })]);
    await report([update('a', { ClientDescription: 'again' })]);
    expect(alloc('a')?.Output).toEqual(Output);
  });

  it('keeps the services that it does not speak of', async () => {
    const services = [
      { Service: 'web', PortLabel: 'http', Address: '127.0.0.1', Port: 1, Status: 'passing' as const, Checks: [] },
    ];
    await given(newAlloc(job, 0, { ID: 'a', Services: services }));
    await report([update('a')]);
    expect(alloc('a')?.Services).toEqual(services);
  });

  it('that says nothing new costs no transaction', async () => {
    const row = newAlloc(job, 0, { ID: 'a', ClientDescription: 'Tasks are running', DeploymentStatus: health(true) });
    await given(row, newAlloc(job, 1, { ID: 'ended', ClientStatus: 'complete' }));
    const { transactions } = world.records;
    await report([update('a'), update('a', { ...judged(true), Services: undefined as never }), update('ended')]);
    expect(world.records.transactions).toBe(transactions);
    await report([update('a', { TaskStates: {} })]);
    expect(world.records.transactions).toBe(transactions + 1);
  });

  it('of an allocation of another node, or of none that is known, is passed over', async () => {
    await given(newAlloc(job, 0, { ID: 'a', ClientStatus: 'pending' }));
    await report([update('a')], newNode(1).ID);
    await report([update('forgotten')]);
    expect(alloc('a')?.ClientStatus).toBe('pending');
    expect(alloc('forgotten')).toBeUndefined();
  });

  it.each(['complete', 'failed', 'lost'] as const)(
    'that comes late revives nothing: what is %s stays so',
    async (status) => {
      await given(newAlloc(job, 0, { ID: 'a', ClientStatus: status, DeploymentID: 'd' }));
      await put(world.state, { deployments: [newDeployment(job, {}, { ID: 'd' })] });
      await report([update('a', judged(true))]);
      expect(alloc('a')?.ClientStatus).toBe(status);
      expect(app()?.HealthyAllocs).toBe(0);
    },
  );
});

describe('an end', () => {
  it('that nobody asked for is evaluated, in the same transaction', async () => {
    await given(newAlloc(job, 0, { ID: 'a' }));
    const { index } = await report([update('a', { ClientStatus: 'failed' })]);
    expect(alloc('a')).toMatchObject({ ClientStatus: 'failed', ModifyIndex: index });
    expect(evaluations()).toMatchObject([
      { TriggeredBy: 'alloc-failure', JobID: 'web', Status: 'pending', CreateIndex: index },
    ]);
    expect(
      read(world, (tx) => tx.job('default', 'web')?.Status),
      'something is about to happen',
    ).toBe('pending');
  });

  it('of several instances of a job is one evaluation, of two jobs two', async () => {
    const other = newJob({ ID: 'other' });
    await given(newAlloc(job, 0, { ID: 'a' }), newAlloc(job, 1, { ID: 'b' }));
    await put(world.state, { jobs: [other], allocs: [newAlloc(other, 0, { ID: 'c' })] });
    await report(['a', 'b', 'c'].map((id) => update(id, { ClientStatus: 'failed' })));
    expect(
      evaluations()
        .map((evaluation) => evaluation.JobID)
        .sort(),
    ).toEqual(['other', 'web']);
  });

  it('that was asked for is not evaluated again', async () => {
    await given(newAlloc(job, 0, { ID: 'a', DesiredStatus: 'stop' }));
    await report([update('a', { ClientStatus: 'complete' })]);
    expect(evaluations()).toEqual([]);
  });

  it('that nobody asked for is evaluated also where the same report ends one that was told to', async () => {
    await given(newAlloc(job, 0, { ID: 'crashed' }), newAlloc(job, 1, { ID: 'told', DesiredStatus: 'stop' }));
    await report([update('crashed', { ClientStatus: 'failed' }), update('told', { ClientStatus: 'complete' })]);
    expect(evaluations()).toMatchObject([{ TriggeredBy: 'alloc-failure' }]);
  });

  it.each([
    ['stopped', { Stop: true }],
    ['purged', undefined],
  ])('of an instance whose job was %s is not evaluated', async (_, change) => {
    await given(newAlloc(job, 0, { ID: 'a' }));
    await world.state.update((tx) => {
      if (change) tx.putJob({ ...job, ...change });
      else tx.deleteJob('default', 'web');
    });
    await report([update('a', { ClientStatus: 'complete' })]);
    expect(alloc('a')?.ClientStatus).toBe('complete');
    expect(evaluations()).toEqual([]);
  });
});

describe('a judgement of health', () => {
  const ours = (fields: Partial<Allocation> = {}) => newAlloc(job, 0, { ID: 'a', DeploymentID: 'd', ...fields });
  const deployed = (state: Parameters<typeof newDeployment>[1] = {}, fields = {}) =>
    put(world.state, { deployments: [newDeployment(job, state, { ID: 'd', ...fields })] });

  it('is kept with its time, counts in the deployment and pushes its deadline on', async () => {
    await given(ours({ DeploymentStatus: { ...health(null)!, Canary: true } }));
    await deployed({ ProgressDeadline: 10 * MINUTE, RequireProgressBy: timestampOf(NOW_MS + 600_000) });
    const { index } = await report([update('a', judged(true))]);
    expect(alloc('a')?.DeploymentStatus).toEqual({
      Healthy: true,
      Timestamp: timestampOf(NOW_MS + 80_000),
      Canary: true,
      ModifyIndex: index,
    });
    expect(app()).toMatchObject({
      HealthyAllocs: 1,
      UnhealthyAllocs: 0,
      RequireProgressBy: timestampOf(LATER_MS + 600_000),
    });
  });

  it('that comes late, after an update in place, does not count for the new deployment', async () => {
    const late = { Healthy: { ...judged(true).Healthy, DeploymentID: 'the-one-before' } };
    await given(ours({ DeploymentStatus: health(null) }));
    await deployed();
    await report([update('a', { ...late, ClientDescription: 'news' })]);
    expect(alloc('a')).toMatchObject({ ClientDescription: 'news', DeploymentStatus: { Healthy: null } });
    expect(app()?.HealthyAllocs).toBe(0);
    await report([update('a', { Healthy: { ...late.Healthy, DeploymentID: 'd' } })]);
    expect(app()?.HealthyAllocs).toBe(1);
  });

  it('leaves a group without a deadline without one', async () => {
    await given(ours());
    await deployed({ ProgressDeadline: 0 });
    await report([update('a', judged(true))]);
    expect(app()?.RequireProgressBy).toBe(ZERO_TIME);
  });

  it.each([
    [null, false, { HealthyAllocs: 2, UnhealthyAllocs: 2 }],
    [true, false, { HealthyAllocs: 1, UnhealthyAllocs: 2 }],
    [false, true, { HealthyAllocs: 3, UnhealthyAllocs: 0 }],
    [true, true, { HealthyAllocs: 2, UnhealthyAllocs: 1 }],
  ])('that turns from %s to %s moves the counts both ways', async (was, is, counts) => {
    await given(ours({ DeploymentStatus: health(was) }));
    await deployed({ HealthyAllocs: 2, UnhealthyAllocs: 1 });
    await report([update('a', judged(is))]);
    expect(app()).toMatchObject(counts);
  });

  it('that is bad pushes no deadline on', async () => {
    const by = timestampOf(NOW_MS + 600_000);
    await given(ours());
    await deployed({ RequireProgressBy: by });
    await report([update('a', judged(false))]);
    expect(app()).toMatchObject({ UnhealthyAllocs: 1, RequireProgressBy: by });
  });

  it('changes nothing in a deployment that has ended, nor where there is none', async () => {
    await given(ours(), newAlloc(job, 1, { ID: 'b' }), newAlloc(job, 2, { ID: 'c', DeploymentID: 'forgotten' }));
    await deployed({}, { Status: 'failed' });
    await report(['a', 'b', 'c'].map((id) => update(id, judged(true))));
    expect(app()).toMatchObject({ HealthyAllocs: 0 });
    expect(['a', 'b', 'c'].map((id) => alloc(id)?.DeploymentStatus?.Healthy)).toEqual([true, true, true]);
  });

  it('of several instances in one report counts each', async () => {
    await given(ours(), ours({ ID: 'b' }));
    await deployed();
    await report([update('a', judged(true)), update('b', judged(true))]);
    expect(app()?.HealthyAllocs).toBe(2);
  });
});
