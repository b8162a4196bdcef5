/** Wait, decide, act: with a real state, and time that moves only when told to. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../lib/virtual-clock.ts';
import type { Allocation } from '../model/allocation.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import type { Job } from '../model/job.ts';
import { SECOND, timestampOf } from '../model/nanos.ts';
import { health, NOW_MS, newAlloc, newGroup, newIngressService, newJob, newUpdate } from '../scheduler/fixtures.ts';
import { DeploymentWatcher } from './deployment-watcher.ts';
import { newDeployment, put, type Running, read, runLoop, type TestState, testState } from './fixtures.ts';

const job = newJob({ TaskGroups: [newGroup({ Count: 3 })] });
const inMs = (ms: number) => timestampOf(NOW_MS + ms);

let world: TestState;
let running: Running | undefined;
beforeEach(async () => {
  world = await testState();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  expect(world.clock.nextMs(), 'no timer is left behind').toBeUndefined();
});

/** A deployment of which two of three are placed. */
async function given(state: Partial<DeploymentState> = {}, rows: { of?: Job; allocs?: Allocation[] } = {}) {
  const { of = job, allocs = [] } = rows;
  await put(world.state, {
    jobs: [of],
    allocs: allocs.map((alloc) => ({ ...alloc, DeploymentID: 'd' })),
    deployments: [newDeployment(of, { PlacedAllocs: 2, ...state }, { ID: 'd' })],
  });
}

async function watch(): Promise<void> {
  running = await runLoop(world.state, new DeploymentWatcher(world));
}

async function change(state: Partial<DeploymentState>, fields: Partial<Deployment> = {}): Promise<void> {
  await world.state.update((tx) => {
    const deployment = tx.deployment('d')!;
    const TaskGroups = { app: { ...deployment.TaskGroups.app!, ...state } };
    tx.putDeployment({ ...deployment, ...fields, TaskGroups });
  });
  await settle();
}

const deployment = () => read(world, (tx) => tx.deployment('d'))!;
const evaluations = () => read(world, (tx) => [...tx.evaluations()]);
const job0 = (version: number) => read(world, (tx) => tx.jobVersion('default', 'web', version));

describe('a deployment whose canaries promote themselves', () => {
  it('does so once each of them is healthy, and goes on', async () => {
    const canary = (healthy: boolean | null) =>
      newAlloc(job, 0, { ID: 'c', DeploymentID: 'd', DeploymentStatus: { ...health(healthy)!, Canary: true } });
    await given({ DesiredCanaries: 1, AutoPromote: true }, { allocs: [canary(null)] });
    await watch();
    expect(deployment().TaskGroups.app?.Promoted).toBe(false);
    await put(world.state, { allocs: [canary(true)] });
    await change({ HealthyAllocs: 1, PlacedAllocs: 1 });
    expect(deployment()).toMatchObject({
      StatusDescription: 'Deployment is running',
      TaskGroups: { app: { Promoted: true, RequireProgressBy: inMs(600_000) } },
    });
    expect(read(world, (tx) => tx.alloc('c')?.DeploymentStatus?.Canary)).toBe(false);
    expect(evaluations()[0]).toMatchObject({ TriggeredBy: 'deployment-watcher', DeploymentID: 'd' });
  });
});

describe('a deployment that goes on', () => {
  it('gets its next batch evaluated as soon as more are healthy, once each time', async () => {
    await given();
    await watch();
    expect(evaluations()).toEqual([]);
    await change({ HealthyAllocs: 1 });
    expect(evaluations()).toMatchObject([{ TriggeredBy: 'deployment-watcher', DeploymentID: 'd', Status: 'pending' }]);
    await change({ PlacedAllocs: 3 });
    expect(evaluations(), 'nothing new about health').toHaveLength(1);
    await change({ HealthyAllocs: 2 });
    expect(evaluations()).toHaveLength(2);
  });

  it('gets it once the interval between batches is over, not before', async () => {
    const Update = newUpdate({ BatchInterval: 90 * SECOND });
    const paced = newJob({ TaskGroups: [newGroup({ Count: 3, Update })] });
    await given({ LastBatchMs: NOW_MS, HealthyAllocs: 2 }, { of: paced });
    await watch();
    const before = evaluations().length;
    await world.clock.advance(89_999);
    expect(evaluations()).toHaveLength(before);
    await world.clock.advance(1);
    expect(evaluations()).toHaveLength(before + 1);
    await world.clock.advance(600_000);
    expect(evaluations(), 'one wake-up per batch').toHaveLength(before + 1);
  });

  it('is evaluated when a check passes again, of an old instance too', async () => {
    const service = { Service: 'web', PortLabel: 'http', Address: '10.0.0.1', Port: 1, Checks: [] };
    const old = (Status: 'passing' | 'critical') =>
      newAlloc(job, 0, { ID: 'old', DeploymentStatus: health(true), Services: [{ ...service, Status }] });
    await given({ HealthyAllocs: 1 });
    await put(world.state, { allocs: [old('critical')] });
    await watch();
    const before = evaluations().length;
    await put(world.state, { allocs: [old('passing')] });
    await settle();
    expect(evaluations()).toHaveLength(before + 1);
  });

  it('is looked at again when it was under way already as the server started', async () => {
    await given({ HealthyAllocs: 1 });
    await watch();
    expect(evaluations()).toHaveLength(1);
  });

  it('is left alone while it is paused, and ended', async () => {
    await given({ RequireProgressBy: inMs(1000), HealthyAllocs: 1 });
    await change({}, { Status: 'paused' });
    await watch();
    await change({ HealthyAllocs: 2 });
    await world.clock.advance(60_000);
    expect(evaluations()).toEqual([]);
    expect(deployment().Status).toBe('paused');
    await change({ HealthyAllocs: 3 }, { Status: 'cancelled' });
    expect(evaluations()).toEqual([]);
  });

  it('has its failed instances tried again elsewhere, each once', async () => {
    const failed = newAlloc(job, 0, { ID: 'failed', ClientStatus: 'failed', DeploymentStatus: health(false) });
    await given({ RequireProgressBy: inMs(600_000) }, { allocs: [failed, newAlloc(job, 1, { ID: 'fine' })] });
    await watch();
    expect(read(world, (tx) => tx.alloc('failed')?.DesiredTransition)).toEqual({
      Migrate: null,
      ForceReschedule: null,
      Reschedule: true,
    });
    expect(read(world, (tx) => tx.alloc('fine')?.DesiredTransition)).toBeUndefined();
    expect(evaluations()).toHaveLength(1);
  });
});

describe('a deployment that ends', () => {
  it('does so only when nobody of before stands in the places of its instances', async () => {
    const before = newJob({ Version: 0 });
    const after = newJob({ Version: 1 });
    const old = newAlloc(before, 0, { ID: 'old' });
    const ours = newAlloc(after, 0, { DeploymentID: 'd', DeploymentStatus: health(true) });
    await put(world.state, {
      jobs: [before, after],
      allocs: [old, ours],
      deployments: [newDeployment(after, { DesiredTotal: 1, HealthyAllocs: 1, PlacedAllocs: 1 }, { ID: 'd' })],
    });
    await watch();
    expect(deployment().Status).toBe('running');
    await put(world.state, { allocs: [{ ...old, DesiredStatus: 'stop' }] });
    await settle();
    expect(deployment().Status).toBe('successful');
  });

  it('well is successful, and its version one to come back to', async () => {
    await given({}, { allocs: [0, 1, 2].map((at) => newAlloc(job, at, { DeploymentStatus: health(true) })) });
    await watch();
    await change({ HealthyAllocs: 3, PlacedAllocs: 3 });
    expect(deployment()).toMatchObject({
      Status: 'successful',
      StatusDescription: 'Deployment completed successfully',
    });
    expect(job0(0)).toMatchObject({ Stable: true, Version: 0 });
    expect(evaluations()).toMatchObject([{ TriggeredBy: 'deployment-watcher' }]);
  });

  it('late has failed, at its deadline and not before', async () => {
    await given({ RequireProgressBy: inMs(60_000) });
    await watch();
    await world.clock.advance(59_999);
    expect(deployment().Status).toBe('running');
    await world.clock.advance(1);
    expect(deployment()).toMatchObject({
      Status: 'failed',
      StatusDescription: 'Failed due to progress deadline',
      Failure: 'progress-deadline',
      ModifyTimeMs: NOW_MS + 60_000,
    });
    expect(deployment(), 'nobody is to blame').not.toHaveProperty('Evidence');
    expect(evaluations()).toHaveLength(1);
    expect(job0(0)?.Stable).toBe(false);
  });

  it('late keeps what it still waited for, with what the ingresses said of it', async () => {
    const Traffic = { Ready: false, Applied: false, Drained: false, Owing: ['edge'], ChangedMs: NOW_MS };
    const Services = [
      { Service: 'web', PortLabel: 'http', Address: '', Port: 1, Status: 'passing' as const, Checks: [] },
    ];
    const of = newJob({ TaskGroups: [newGroup({ Count: 3, Services: [newIngressService('web')] })] });
    const waiting = newAlloc(of, 0, { ID: 'aaaaaaaa-1', Traffic, Services });
    await given({ RequireProgressBy: inMs(60_000) }, { of, allocs: [waiting] });
    const Problems = [{ Listen: 8080, Message: 'cannot listen on port 8080' }];
    const ingresses = () => [{ Name: 'edge', Problems }];
    running = await runLoop(world.state, new DeploymentWatcher({ ...world, ingresses }));
    await world.clock.advance(60_000);
    expect(deployment()).toMatchObject({
      FailureDetail: 'ingress edge has yet to take instance aaaaaaaa (version 0): it cannot listen on port 8080',
      Evidence: [{ AllocID: 'aaaaaaaa-1', Trouble: 'waits for ingress edge: it cannot listen on port 8080' }],
    });
  });

  it('later than it would have, where its deadline was pushed on', async () => {
    await given({ RequireProgressBy: inMs(60_000) });
    await watch();
    await world.clock.advance(50_000);
    await change({ HealthyAllocs: 1, RequireProgressBy: inMs(110_000) });
    await world.clock.advance(59_999);
    expect(deployment().Status).toBe('running');
    await world.clock.advance(1);
    expect(deployment().Status).toBe('failed');
  });

  it('over an instance that is unhealthy for good has failed at once', async () => {
    const { ReschedulePolicy } = newGroup();
    const strict = newGroup({ ReschedulePolicy: { ...ReschedulePolicy, Unlimited: false } });
    await given({}, { of: newJob({ TaskGroups: [strict] }), allocs: [newAlloc(job, 0, { ID: 'a' })] });
    await watch();
    const Output = { server: { Stdout: '', Stderr: 'no such table' } };
    await world.state.update((tx) => tx.putAlloc({ ...tx.alloc('a')!, DeploymentStatus: health(false), Output }));
    await settle();
    expect(deployment()).toMatchObject({
      Status: 'failed',
      StatusDescription: 'Failed due to unhealthy allocations',
      Failure: 'unhealthy-allocations',
      Evidence: [{ AllocID: 'a', Output }],
    });
    await world.state.update((tx) => tx.deleteAlloc('a'));
    expect(deployment().Evidence, 'outlives the instance').toHaveLength(1);
  });

  it('whose job was purged meanwhile is left to the scheduler', async () => {
    await given({ RequireProgressBy: inMs(1000) });
    await watch();
    await world.state.update((tx) => tx.deleteJob('default', 'web'));
    await world.clock.advance(2000);
    expect(deployment().Status).toBe('running');
    expect(evaluations()).toEqual([]);
  });
});

describe('a failed deployment that wants to go back', () => {
  const version = (Version: number, Count: number, fields: Partial<Job> = {}) =>
    newJob({ Version, TaskGroups: [newGroup({ Count })], ...fields });

  async function failing(...versions: Job[]): Promise<void> {
    for (const each of versions.slice(0, -1)) await put(world.state, { jobs: [each] });
    await given({ AutoRevert: true, RequireProgressBy: inMs(1000) }, { of: versions.at(-1)! });
    await watch();
    await world.clock.advance(1000);
  }

  it('does so, and says to which version', async () => {
    await failing(version(0, 1, { Stable: true }), version(1, 2));
    expect(deployment().StatusDescription).toBe('Failed due to progress deadline - rolling back to job version 0');
    expect(job0(2)).toMatchObject({ TaskGroups: [{ Count: 1 }], Stable: false });
    expect(evaluations()).toHaveLength(1);
  });

  it('says that there is nothing to go back to', async () => {
    await failing(version(0, 1), version(1, 2));
    expect(deployment().StatusDescription).toBe(
      'Failed due to progress deadline - no stable job version to auto revert to',
    );
    expect(job0(2)).toBeUndefined();
  });

  it('says that it is there already', async () => {
    await failing(version(0, 1, { Stable: true }), version(1, 1));
    expect(deployment().StatusDescription).toBe(
      'Failed due to progress deadline - not rolling back to stable job version 0 as current job has same specification',
    );
    expect(job0(2)).toBeUndefined();
  });

  it.each<[string, Partial<Job>]>([
    ['does not undo a newer version that somebody registered meanwhile', {}],
    ['does not start a job again that somebody stopped meanwhile', { Stop: true }],
  ])('%s', async (_, newer) => {
    await put(world.state, { jobs: [version(0, 1, { Stable: true })] });
    await given({ AutoRevert: true, RequireProgressBy: inMs(1000) }, { of: version(1, 2) });
    await put(world.state, { jobs: [version(2, 3, newer)] });
    await watch();
    await world.clock.advance(1000);
    expect(read(world, (tx) => tx.job('default', 'web'))).toMatchObject({ Version: 2, ...newer });
  });
});

describe('the watcher', () => {
  it('ends when it is told to, with deployments under way', async () => {
    await given({ RequireProgressBy: inMs(1000) });
    await watch();
    expect(world.clock.nextMs()).toBe(NOW_MS + 1000);
    await running!.stop();
    expect(world.clock.nextMs()).toBeUndefined();
  });
});
