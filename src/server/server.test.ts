/** The server as a whole, with nobody around it: its loops together, its start and its end. */
import { afterEach, describe, expect, it } from 'vitest';
import { SerinError } from '../lib/errors.ts';
import { settle } from '../lib/virtual-clock.ts';
import type { Allocation, AllocUpdate } from '../model/allocation.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import { NOW_MS, newAlloc, newEvaluation, newGroup, newJob, newNode, newTask } from '../scheduler/fixtures.ts';
import { MemoryRecords } from '../state/storage/memory.ts';
import { newDeployment, put, read, type TestState, testState } from './fixtures.ts';
import { Server } from './server.ts';

interface TestServer extends TestState {
  readonly server: Server;
  /** Resolves with what `run` ended with. */
  readonly ended: Promise<unknown>;
  stop(): Promise<unknown>;
}

const started: TestServer[] = [];
afterEach(async () => {
  for (const each of started.splice(0)) await each.stop();
});

async function start(records = new MemoryRecords(), breathe = () => Promise.resolve()): Promise<TestServer> {
  const world = await testState(records);
  const server = new Server({ ...world, breathe });
  const end = new AbortController();
  const ended = server.run(end.signal).catch((error) => error);
  await settle();
  const stop = () => {
    end.abort();
    return ended;
  };
  const test = { ...world, server, ended, stop };
  started.push(test);
  return test;
}

/** A job of so many instances, each of a third of a small node. */
const jobOf = (Count: number, fields: Partial<Job> = {}): Job =>
  newJob({ TaskGroups: [newGroup({ Count, Tasks: [newTask()] })], ...fields });
const small = (number: number) => newNode(number, {}, { cpu: 300 });

const allocsOf = (world: TestState, id = 'web'): readonly Allocation[] =>
  read(world, (tx) => tx.allocsByJob('default', id));
const evaluationsOf = (world: TestState, status: Evaluation['Status']) =>
  read(world, (tx) => [...tx.evaluations()].filter((evaluation) => evaluation.Status === status));
const running = (alloc: Allocation, fields: Partial<AllocUpdate> = {}): AllocUpdate => ({
  ID: alloc.ID,
  ClientStatus: 'running',
  ClientDescription: '',
  TaskStates: null,
  ...fields,
});

describe('a job', () => {
  it('is placed as soon as it is registered, and its deployment ends when all are healthy', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    await world.server.registerJob({ Job: jobOf(2) });
    await settle();
    const allocs = allocsOf(world);
    expect(allocs.map((alloc) => alloc.Name).sort()).toEqual(['web.app[0]', 'web.app[1]']);
    const Healthy = { Healthy: true, TimestampMs: NOW_MS };
    await world.server.updateAllocs(
      small(0).ID,
      allocs.map((alloc) => running(alloc, { Healthy })),
    );
    await settle();
    expect(read(world, (tx) => tx.deploymentsByJob('default', 'web'))).toMatchObject([{ Status: 'successful' }]);
    expect(read(world, (tx) => tx.job('default', 'web'))).toMatchObject({ Status: 'running', Stable: true });
    expect(evaluationsOf(world, 'pending')).toEqual([]);
  });

  it('that is stopped has its instances told to stop, and is dead once they have ended', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    await world.server.registerJob({ Job: jobOf(1) });
    await settle();
    await world.server.deregisterJob('default', 'web', { purge: false });
    await settle();
    const [alloc] = allocsOf(world);
    expect(alloc?.DesiredStatus).toBe('stop');
    expect(read(world, (tx) => tx.job('default', 'web')?.Status)).toBe('running');
    await world.server.updateAllocs(small(0).ID, [running(alloc!, { ClientStatus: 'complete' })]);
    expect(read(world, (tx) => tx.job('default', 'web')?.Status)).toBe('dead');
  });

  it('whose node is silent is brought up elsewhere', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    await world.server.registerJob({ Job: jobOf(1) });
    await settle();
    await world.clock.advance(15_000);
    await world.server.registerNode(small(1));
    await world.clock.advance(5_000);
    expect(read(world, (tx) => tx.node(small(0).ID)?.Status)).toBe('down');
    expect(
      allocsOf(world)
        .map((alloc) => [alloc.NodeID, alloc.ClientStatus])
        .sort(),
    ).toEqual([
      [small(0).ID, 'lost'],
      [small(1).ID, 'pending'],
    ]);
  });
});

describe('what finds no room', () => {
  it('is placed as soon as a node brings some', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    const { EvalID } = await world.server.registerJob({ Job: jobOf(5) });
    await settle();
    expect(allocsOf(world)).toHaveLength(3);
    const [blocked] = evaluationsOf(world, 'blocked');
    expect(blocked).toMatchObject({ TriggeredBy: 'queued-allocs', PreviousEval: EvalID });
    expect(read(world, (tx) => tx.evaluation(EvalID))).toMatchObject({
      Status: 'complete',
      BlockedEval: blocked?.ID,
      QueuedAllocations: { app: 2 },
      FailedTGAllocs: { app: { CoalescedFailures: 1 } },
    });
    await world.server.registerNode(small(1));
    await settle();
    expect(allocsOf(world)).toHaveLength(5);
    expect(evaluationsOf(world, 'blocked')).toEqual([]);
  });

  it('is placed as soon as an instance of another job ends', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    await world.server.registerJob({ Job: jobOf(3, { ID: 'other' }) });
    await settle();
    await world.server.registerJob({ Job: jobOf(1) });
    await settle();
    expect(allocsOf(world)).toHaveLength(0);
    await world.server.deregisterJob('default', 'other', { purge: false });
    await settle();
    expect(allocsOf(world), 'told to stop is not yet gone').toHaveLength(0);
    const [alloc] = allocsOf(world, 'other');
    await world.server.updateAllocs(small(0).ID, [running(alloc!, { ClientStatus: 'complete' })]);
    await settle();
    expect(allocsOf(world)).toHaveLength(1);
  });

  it('is placed although the room came while it was being planned', async () => {
    let breaths = 0;
    const world: TestServer = await start(new MemoryRecords(), async () => {
      breaths++;
      if (breaths !== 2) return;
      await world.state.update((tx) => tx.putNode({ ...newNode(99), ComputedClass: 'new' }));
      await settle();
    });
    await world.server.registerNode(small(0));
    await world.server.registerJob({ Job: jobOf(5) });
    for (let turn = 0; turn < 10; turn++) await settle();
    expect(allocsOf(world)).toHaveLength(5);
    expect(evaluationsOf(world, 'blocked')).toEqual([]);
  });

  it('is tried again at a start, since room may have come while no server looked', async () => {
    const records = new MemoryRecords();
    const before = await testState(records);
    const blocked = newEvaluation(jobOf(1), { ID: 'blocked', Status: 'blocked', ClassEligibility: {} });
    await put(before.state, { jobs: [jobOf(1)], nodes: [small(0)], evals: [blocked] });
    await before.state.close();
    const world = await start(records);
    await settle();
    expect(allocsOf(world)).toHaveLength(1);
  });

  it('waits no longer once a newer evaluation has placed everything', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    await world.server.registerJob({ Job: jobOf(5) });
    await settle();
    expect(evaluationsOf(world, 'blocked')).toHaveLength(1);
    await world.server.registerJob({ Job: jobOf(3) });
    await settle();
    expect(evaluationsOf(world, 'blocked')).toEqual([]);
  });
});

describe('a start', () => {
  it('takes up the evaluations that a crash left behind', async () => {
    const records = new MemoryRecords();
    const before = await testState(records);
    await put(before.state, { jobs: [jobOf(1)], nodes: [small(0)], evals: [newEvaluation(jobOf(1))] });
    await before.state.close();
    const world = await start(records);
    expect(allocsOf(world)).toHaveLength(1);
    expect(read(world, (tx) => tx.evaluation('eval-web')?.Status)).toBe('complete');
  });
});

describe('the end', () => {
  it('comes when it is told to, with timers and deployments under way, and leaves no timer behind', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    await world.server.registerJob({ Job: jobOf(1) });
    await settle();
    expect(world.clock.nextMs()).toBeDefined();
    expect(await world.stop()).toBeUndefined();
    expect(world.clock.nextMs()).toBeUndefined();
  });

  it('comes with a failed append, and half of nothing is left', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    const failAt = world.records.transactions + 2;
    world.records.faults = {
      before: (ordinal) => {
        if (ordinal === failAt) throw new Error('the disk is full');
      },
    };
    await world.server.registerJob({ Job: jobOf(2) });
    expect(await world.ended).toBeInstanceOf(SerinError);
    expect(allocsOf(world)).toEqual([]);
    expect(read(world, (tx) => [...tx.deployments()])).toEqual([]);
    expect(evaluationsOf(world, 'pending'), 'to be taken up by the next start').toHaveLength(1);
    const next = await start(world.records);
    expect(allocsOf(next)).toHaveLength(2);
  });

  it('comes with a failed append, and it can run again: nothing that was pending is forgotten', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    const failAt = world.records.transactions + 2;
    world.records.faults = {
      before: (ordinal) => {
        if (ordinal === failAt) throw new Error('the disk is full');
      },
    };
    await world.server.registerJob({ Job: jobOf(2) });
    expect(await world.ended).toBeInstanceOf(SerinError);
    world.records.faults = {};
    const end = new AbortController();
    const again = world.server.run(end.signal);
    await world.clock.advance(1_000);
    expect(allocsOf(world)).toHaveLength(2);
    expect(evaluationsOf(world, 'pending')).toEqual([]);
    end.abort();
    await again;
    expect(world.clock.nextMs()).toBeUndefined();
  });
});

describe('what others ask for', () => {
  it('stopping an instance brings another in its place', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    await world.server.registerJob({ Job: jobOf(1) });
    await settle();
    const [alloc] = allocsOf(world);
    const { EvalID } = await world.server.stopAlloc(alloc!.ID);
    await settle();
    expect(read(world, (tx) => tx.evaluation(EvalID)?.TriggeredBy)).toBe('alloc-stop');
    expect(allocsOf(world).map((each) => [each.DesiredStatus, each.PreviousAllocation])).toEqual([
      ['stop', ''],
      ['run', alloc!.ID],
    ]);
    const next = allocsOf(world).find((each) => each.DesiredStatus === 'run')!;
    await world.server.stopAlloc(next.ID, { noShutdownDelay: true });
    await settle();
    const hurried = read(world, (tx) => tx.alloc(next.ID));
    expect(hurried).toMatchObject({ DesiredStatus: 'stop', DesiredTransition: { NoShutdownDelay: true } });
    await expect(world.server.stopAlloc('unknown')).rejects.toMatchObject({ code: 'notFound' });
  });

  it('failing a deployment ends it in its words, once', async () => {
    const world = await start();
    await put(world.state, { jobs: [jobOf(1)], deployments: [newDeployment(jobOf(1), {}, { ID: 'd' })] });
    const result = await world.server.failDeployment('d');
    expect(result).toMatchObject({ RevertedJobVersion: null, EvalID: expect.stringMatching(/./) });
    expect(read(world, (tx) => tx.deployment('d'))).toMatchObject({
      Status: 'failed',
      StatusDescription: 'Deployment marked as failed',
    });
    await expect(world.server.failDeployment('d')).rejects.toThrow("can't fail terminal deployment");
    await expect(world.server.failDeployment('unknown')).rejects.toMatchObject({ code: 'notFound' });
  });

  it('failing a deployment that may go back says where to', async () => {
    const world = await start();
    await put(world.state, { jobs: [jobOf(1, { Stable: true })] });
    const next = jobOf(2, { Version: 1 });
    await put(world.state, {
      jobs: [next],
      deployments: [newDeployment(next, { AutoRevert: true }, { ID: 'd' })],
    });
    expect(await world.server.failDeployment('d')).toMatchObject({ RevertedJobVersion: 0 });
    expect(read(world, (tx) => tx.job('default', 'web'))).toMatchObject({ Version: 2, TaskGroups: [{ Count: 1 }] });
  });

  it('a node that takes nothing new keeps what it has, and says so after it registers again', async () => {
    const world = await start();
    await world.server.registerNode(small(0));
    await world.server.setEligibility(small(0).ID, 'ineligible');
    await world.server.registerNode(small(0));
    expect(read(world, (tx) => tx.node(small(0).ID))).toMatchObject({
      SchedulingEligibility: 'ineligible',
      Status: 'ready',
      Events: [{ Message: 'Node registered' }, { Message: 'Node re-registered' }],
    });
    await expect(world.server.setEligibility('unknown', 'eligible')).rejects.toMatchObject({ code: 'notFound' });
  });

  it('a node that nobody knows is told to register, one that was down is ready again', async () => {
    const world = await start();
    expect(await world.server.heartbeat('unknown')).toMatchObject({ Known: false });
    await world.server.registerNode(small(0));
    await world.clock.advance(20_000);
    expect(read(world, (tx) => tx.node(small(0).ID)?.Status)).toBe('down');
    expect(await world.server.heartbeat(small(0).ID)).toMatchObject({ Known: true });
    expect(read(world, (tx) => tx.node(small(0).ID)?.Status)).toBe('ready');
  });

  it('a purged node is gone, and what ran there is evaluated', async () => {
    const world = await start();
    await put(world.state, { jobs: [jobOf(1)], nodes: [small(0)], allocs: [newAlloc(jobOf(1), 0)] });
    const { EvalID } = await world.server.purgeNode(small(0).ID);
    expect(read(world, (tx) => tx.node(small(0).ID))).toBeUndefined();
    expect(read(world, (tx) => tx.evaluation(EvalID)?.TriggeredBy)).toBe('node-update');
    await expect(world.server.purgeNode('unknown')).rejects.toThrow('node not found');
  });

  it('an ingress that reports is known until it leaves, and what it repeats costs no transaction', async () => {
    const world = await start();
    const report = { ID: 'i', Name: 'edge', DataPlane: 'embedded', AppliedIndex: 0, Servers: {} };
    await world.server.reportIngress(report);
    expect(read(world, (tx) => tx.ingress('i'))).toMatchObject({ Name: 'edge', DataPlane: 'embedded' });
    const { index } = world.state;
    await world.server.reportIngress(report);
    expect(world.state.index).toBe(index);
    await world.server.removeIngress('i');
    expect(read(world, (tx) => tx.ingresses())).toEqual([]);
  });

  it('garbage is collected on demand, and by itself once it is old enough', async () => {
    const world = await start();
    const ended = newEvaluation(jobOf(1), { Status: 'complete', ModifyTime: NOW_MS * 1e6 });
    await put(world.state, { evals: [ended, { ...ended, ID: 'second' }] });
    await world.server.collectGarbage();
    expect(evaluationsOf(world, 'complete')).toEqual([]);
    await put(world.state, { evals: [ended] });
    await world.clock.advance(55 * 60_000);
    expect(evaluationsOf(world, 'complete')).toHaveLength(1);
    await world.clock.advance(10 * 60_000);
    expect(evaluationsOf(world, 'complete')).toEqual([]);
  });
});
