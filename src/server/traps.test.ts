/**
 * What users of other schedulers have scars from, through the whole server: each test is a story that ended badly
 * somewhere. docs/traps.md lists them, with those that other tests hold.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { settle } from '../lib/virtual-clock.ts';
import { type Allocation, type AllocUpdate, isClientTerminal } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import { MINUTE, SECOND } from '../model/nanos.ts';
import type { UpdateStrategy } from '../model/policies.ts';
import { newGroup, newJob, newNode, newTask, newUpdate } from '../scheduler/fixtures.ts';
import { read, type TestState, testState } from './fixtures.ts';
import { Server } from './server.ts';

interface TestServer extends TestState {
  readonly server: Server;
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(nodes = 3): Promise<TestServer> {
  const world = await testState();
  const server = new Server({ ...world, breathe: () => Promise.resolve() });
  const end = new AbortController();
  const ended = server.run(end.signal).catch((error) => error);
  stops.push(() => {
    end.abort();
    return ended;
  });
  await settle();
  for (let number = 0; number < nodes; number++) await server.registerNode(newNode(number));
  return { ...world, server };
}

const UPDATE: Partial<UpdateStrategy> = { MaxParallel: 1, AutoRevert: true };

interface Wanted {
  readonly count?: number;
  readonly release: string;
  readonly update?: Partial<UpdateStrategy>;
  readonly group?: Partial<TaskGroup>;
}

function group({ count = 4, release, update, group: fields }: Wanted): TaskGroup {
  return newGroup({
    Count: count,
    Update: newUpdate({ ...UPDATE, ...update }),
    Tasks: [newTask({ Env: { RELEASE: release } })],
    ...fields,
  });
}

const jobOf = (wanted: Wanted): Job => newJob({ TaskGroups: [group(wanted)] });

async function submit(world: TestServer, Job: Job): Promise<void> {
  await world.server.registerJob({ Job });
  await settle();
}

const HEARTBEAT_MS = 10_000;

/** Time goes by, and the nodes say that they are there. */
async function pass(world: TestServer, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += HEARTBEAT_MS) {
    await world.clock.advance(Math.min(HEARTBEAT_MS, ms - passed));
    for (const { ID } of read(world, (tx) => [...tx.nodes()])) await world.server.heartbeat(ID);
  }
  await settle();
}

/** What an instance becomes: `null` is not judged yet. */
type Judge = (alloc: Allocation) => boolean | null | 'failed';

/** The nodes do what they were told, until nothing moves any more. */
async function play(world: TestServer, judge: Judge = () => true): Promise<void> {
  for (let round = 0; round < 40; round++) {
    const news = allocsOf(world).flatMap((alloc) => reportOf(alloc, judge(alloc), world.clock.nowMs()));
    if (news.length === 0) return;
    for (const node of new Set(news.map((each) => each.node))) {
      const updates = news.filter((each) => each.node === node).map((each) => each.update);
      await world.server.updateAllocs(node, updates);
    }
    await settle();
  }
  throw new Error('the job does not come to rest');
}

interface Report {
  readonly node: string;
  readonly update: AllocUpdate;
}

function reportOf(alloc: Allocation, verdict: boolean | null | 'failed', TimestampMs: number): Report[] {
  if (isClientTerminal(alloc)) return [];
  const report = (fields: Partial<AllocUpdate>): Report[] => [
    {
      node: alloc.NodeID,
      update: { ID: alloc.ID, ClientStatus: 'running', ClientDescription: '', TaskStates: null, ...fields },
    },
  ];
  if (alloc.DesiredStatus === 'stop') return report({ ClientStatus: 'complete' });
  if (verdict === 'failed') return report({ ClientStatus: 'failed', Healthy: { Healthy: false, TimestampMs } });
  const isJudged = alloc.DeploymentStatus?.Healthy != null || alloc.DeploymentID === '';
  if (alloc.ClientStatus === 'running' && (isJudged || verdict === null)) return [];
  return report(verdict === null || isJudged ? {} : { Healthy: { Healthy: verdict, TimestampMs } });
}

const allocsOf = (world: TestState): readonly Allocation[] => read(world, (tx) => tx.allocsByJob('default', 'web'));
const deployments = (world: TestState): readonly Deployment[] =>
  read(world, (tx) => tx.deploymentsByJob('default', 'web')).toSorted((a, b) => b.CreateIndex - a.CreateIndex);
const latest = (world: TestState): Deployment => deployments(world)[0]!;
const job = (world: TestState): Job => read(world, (tx) => tx.job('default', 'web'))!;
const living = (world: TestState): Allocation[] => allocsOf(world).filter((each) => !isClientTerminal(each));
const idsOf = (allocs: readonly Allocation[]): string[] => allocs.map((each) => each.ID).sort();
const releaseOf = (world: TestState, alloc: Allocation): string | undefined =>
  read(world, (tx) => tx.jobVersion('default', 'web', alloc.JobVersion))?.TaskGroups[0]?.Tasks[0]?.Env?.RELEASE;
const releases = (world: TestState): (string | undefined)[] =>
  living(world)
    .map((each) => releaseOf(world, each))
    .sort();

/** Version r1 runs and is stable. */
async function running(wanted: Omit<Wanted, 'release'> = {}): Promise<TestServer> {
  const world = await start();
  await submit(world, jobOf({ ...wanted, release: 'r1' }));
  await play(world);
  expect(latest(world)).toMatchObject({ Status: 'successful' });
  return world;
}

const onlyOld =
  (world: TestServer): Judge =>
  (alloc) =>
    releaseOf(world, alloc) === 'r1' ? true : null;

describe('a way back', () => {
  it('restores the count, and keeps what is healthy, where a version with a lower count and bad canaries failed', async () => {
    const world = await running({ count: 4 });
    const before = idsOf(living(world));
    await submit(world, jobOf({ count: 2, release: 'r2', update: { Canary: 1, ProgressDeadline: 0 } }));
    await play(world, (alloc) => releaseOf(world, alloc) === 'r1');
    expect(deployments(world)[1]).toMatchObject({ Status: 'failed', JobVersion: 1 });
    expect(job(world)).toMatchObject({ Version: 2, TaskGroups: [{ Count: 4 }] });
    expect(releases(world)).toEqual(['r1', 'r1', 'r1', 'r1']);
    expect(idsOf(living(world)), 'nobody was stopped before a promotion').toEqual(before);
  });

  it('goes through no canaries, although the version that it goes back to had some', async () => {
    const world = await running({ update: { Canary: 1 } });
    await submit(world, jobOf({ release: 'r2', update: { Canary: 1 } }));
    await play(world);
    await world.server.promoteDeployment(latest(world).ID);
    await settle();
    await play(world);
    await world.server.revertJob({ namespace: 'default', jobId: 'web', version: 0 });
    await settle();
    expect(latest(world).TaskGroups.app).toMatchObject({ DesiredCanaries: 0 });
    await play(world);
    expect(latest(world)).toMatchObject({ Status: 'successful', JobVersion: 2 });
    expect(releases(world)).toEqual(['r1', 'r1', 'r1', 'r1']);
  });

  it('ends at a bad version that is submitted again and again: each time once, and no loop', async () => {
    const world = await running({ update: { ProgressDeadline: 0 } });
    const isGood: Judge = (alloc) => releaseOf(world, alloc) === 'r1';
    for (const _ of [1, 2]) {
      await submit(world, jobOf({ release: 'bad', update: { ProgressDeadline: 0 } }));
      await play(world, isGood);
    }
    expect(deployments(world).map((each) => [each.JobVersion, each.Status])).toEqual([
      [4, 'successful'],
      [3, 'failed'],
      [2, 'successful'],
      [1, 'failed'],
      [0, 'successful'],
    ]);
    expect(releases(world)).toEqual(['r1', 'r1', 'r1', 'r1']);
  });
});

describe('canaries', () => {
  it('that fail take no healthy instance with them', async () => {
    const world = await running({ update: { AutoRevert: false } });
    const before = idsOf(living(world));
    await submit(world, jobOf({ release: 'r2', update: { Canary: 2, ProgressDeadline: 0, AutoRevert: false } }));
    await play(world, (alloc) => (releaseOf(world, alloc) === 'r1' ? true : 'failed'));
    expect(latest(world)).toMatchObject({ Status: 'failed' });
    expect(idsOf(living(world))).toEqual(before);
  });

  it('that never become healthy are held to the deadline, although a person is to promote them', async () => {
    const world = await running();
    await submit(world, jobOf({ release: 'r2', update: { Canary: 1, AutoRevert: false } }));
    await play(world, (alloc) => (releaseOf(world, alloc) === 'r1' ? true : 'failed'));
    expect(latest(world)).toMatchObject({ Status: 'running' });
    await pass(world, 10 * 60_000);
    expect(deployments(world)[0]).toMatchObject({
      JobVersion: 1,
      Status: 'failed',
      StatusDescription: 'Failed due to progress deadline',
    });
  });

  it('that are healthy wait for a person as long as it takes', async () => {
    const world = await running();
    await submit(world, jobOf({ release: 'r2', update: { Canary: 1 } }));
    await play(world);
    await pass(world, 2 * 3_600_000);
    expect(latest(world)).toMatchObject({ Status: 'running', JobVersion: 1 });
  });

  it('promote themselves although there was no room for them at first', async () => {
    const world = await running();
    const far = { Constraints: [{ LTarget: '${node.datacenter}', RTarget: 'dc1', Operand: '=' }] };
    for (const number of [0, 1, 2]) await world.server.setEligibility(newNode(number).ID, 'ineligible');
    await submit(world, jobOf({ release: 'r2', update: { Canary: 1, AutoPromote: true }, group: far }));
    await play(world);
    expect(latest(world)).toMatchObject({ Status: 'running', TaskGroups: { app: { PlacedAllocs: 0 } } });
    await world.server.setEligibility(newNode(0).ID, 'eligible');
    await settle();
    await play(world);
    expect(latest(world)).toMatchObject({ Status: 'successful', JobVersion: 1 });
    expect(releases(world)).toEqual(['r2', 'r2', 'r2', 'r2']);
  });

  it('are the same instances after their promotion: nobody restarts or replaces them', async () => {
    const world = await running({ update: { Canary: 4 } });
    await submit(world, jobOf({ release: 'r2', update: { Canary: 4 } }));
    await play(world);
    const green = allocsOf(world).filter((each) => each.JobVersion === 1);
    await world.server.promoteDeployment(latest(world).ID);
    await settle();
    await play(world);
    expect(idsOf(living(world))).toEqual(idsOf(green));
    expect(living(world).map((each) => [each.TaskStates, each.ClientStatus])).toEqual(
      green.map((each) => [each.TaskStates, 'running']),
    );
  });

  it('of a newer version take the place of those that nobody promoted', async () => {
    const world = await running({ update: { Canary: 1 } });
    const before = idsOf(living(world));
    await submit(world, jobOf({ release: 'r2', update: { Canary: 1 } }));
    await play(world);
    await submit(world, jobOf({ release: 'r3', update: { Canary: 1 } }));
    await play(world);
    expect(releases(world)).toEqual(['r1', 'r1', 'r1', 'r1', 'r3']);
    expect(idsOf(living(world))).toEqual(expect.arrayContaining(before));
    expect(deployments(world)[1]).toMatchObject({
      Status: 'cancelled',
      StatusDescription: 'Cancelled due to newer version of job',
    });
  });
});

describe('several groups', () => {
  const web = (release: string, app: Partial<UpdateStrategy>, db: Partial<UpdateStrategy>): Job =>
    newJob({
      TaskGroups: [
        group({ count: 2, release, update: app }),
        group({ count: 2, release, update: db, group: { Name: 'db' } }),
      ],
    });
  const both = async (app: Partial<UpdateStrategy>, db: Partial<UpdateStrategy>): Promise<TestServer> => {
    const world = await start();
    await submit(world, web('r1', app, db));
    await play(world);
    return world;
  };

  it('promote themselves where one of them has no canaries', async () => {
    const automatic = { Canary: 1, AutoPromote: true };
    const world = await both(automatic, {});
    await submit(world, web('r2', automatic, {}));
    await play(world);
    expect(latest(world)).toMatchObject({ Status: 'successful', JobVersion: 1 });
    expect(releases(world)).toEqual(['r2', 'r2', 'r2', 'r2']);
  });

  it('do not where one of them wants a person', async () => {
    const world = await both({ Canary: 1, AutoPromote: true }, { Canary: 1 });
    await submit(world, web('r2', { Canary: 1, AutoPromote: true }, { Canary: 1 }));
    await play(world);
    expect(latest(world)).toMatchObject({
      Status: 'running',
      TaskGroups: { app: { Promoted: false }, db: { Promoted: false } },
    });
  });

  it('are promoted one by one: who waits is not late by the clock of who goes on', async () => {
    const world = await both({ Canary: 1 }, { Canary: 1 });
    await submit(world, web('r2', { Canary: 1 }, { Canary: 1 }));
    await play(world);
    await pass(world, 9 * 60_000);
    await world.server.promoteDeployment(latest(world).ID, ['app']);
    await settle();
    await play(world);
    await pass(world, 30 * 60_000);
    expect(latest(world)).toMatchObject({
      Status: 'running',
      TaskGroups: { app: { Promoted: true, HealthyAllocs: 2 }, db: { Promoted: false, HealthyAllocs: 1 } },
    });
    await world.server.promoteDeployment(latest(world).ID, ['db']);
    await settle();
    await play(world);
    expect(latest(world)).toMatchObject({ Status: 'successful' });
  });

  it('fail together: the deadline of one is that of the deployment', async () => {
    const world = await both({}, { ProgressDeadline: 6 * MINUTE });
    await submit(world, web('r2', { AutoRevert: false }, { ProgressDeadline: 6 * MINUTE, AutoRevert: false }));
    await play(world, (alloc) => (alloc.TaskGroup === 'app' || releaseOf(world, alloc) === 'r1' ? true : null));
    await pass(world, 6 * 60_000);
    expect(latest(world)).toMatchObject({ Status: 'failed', StatusDescription: 'Failed due to progress deadline' });
  });
});

describe('a deadline', () => {
  it('stands still while the deployment is paused', async () => {
    const world = await running();
    await submit(world, jobOf({ release: 'r2' }));
    await play(world, onlyOld(world));
    await world.server.pauseDeployment(latest(world).ID);
    await pass(world, 60 * 60_000);
    expect(latest(world)).toMatchObject({ Status: 'paused' });
    await world.server.resumeDeployment(latest(world).ID);
    await settle();
    await play(world);
    expect(latest(world)).toMatchObject({ Status: 'successful', JobVersion: 1 });
  });

  it('begins again with each instance that becomes healthy, and with the promotion', async () => {
    const world = await running();
    await submit(world, jobOf({ release: 'r2', update: { Canary: 1 } }));
    const byNow = (): number => Date.parse(latest(world).TaskGroups.app!.RequireProgressBy) - world.clock.nowMs();
    await play(world, onlyOld(world));
    await pass(world, 9 * 60_000);
    expect(byNow()).toBe(60_000);
    await play(world);
    expect(byNow()).toBe(600_000);
    await pass(world, 9 * 60_000);
    await world.server.promoteDeployment(latest(world).ID);
    await settle();
    expect(byNow()).toBe(600_000);
  });
});

describe('a scale during a deployment', () => {
  it.each([
    ['up, by `job scale`', 6, 'scale'],
    ['down, by `job scale`', 2, 'scale'],
    ['up, by another count in the file', 6, 'file'],
    ['down, by another count in the file', 2, 'file'],
  ])('is neither refused nor the end of it: %s', async (_, count, how) => {
    const world = await running();
    await submit(world, jobOf({ release: 'r2' }));
    let judged = 0;
    await play(world, (alloc) => (releaseOf(world, alloc) === 'r1' || judged++ < 1 ? true : null));
    const healthy = living(world).filter((each) => releaseOf(world, each) === 'r2' && each.DeploymentStatus?.Healthy);
    expect(healthy).toHaveLength(1);
    const { ID } = latest(world);
    if (how === 'scale') await world.server.scaleJob({ namespace: 'default', jobId: 'web', group: 'app', count });
    else await world.server.registerJob({ Job: jobOf({ count, release: 'r2' }) });
    await settle();
    await play(world);
    expect(latest(world)).toMatchObject({ ID, Status: 'successful', TaskGroups: { app: { DesiredTotal: count } } });
    expect(releases(world)).toEqual(Array<string>(count).fill('r2'));
    expect(idsOf(living(world))).toEqual(expect.arrayContaining(idsOf(healthy)));
  });
});

describe('max_parallel = 0', () => {
  it('is an update without a deployment: no wait for anybody, and no job that is refused', async () => {
    const world = await start();
    const all = (release: string) => jobOf({ release, update: { MaxParallel: 0, AutoRevert: false } });
    await submit(world, all('r1'));
    await play(world);
    await submit(world, all('r2'));
    await play(world);
    await pass(world, 60_000);
    await play(world);
    expect(deployments(world)).toEqual([]);
    expect(releases(world)).toEqual(['r2', 'r2', 'r2', 'r2']);
  });
});

it('an instance that moves after a bad version was failed comes back at the old version', async () => {
  const world = await running({ update: { AutoRevert: false } });
  await submit(world, jobOf({ release: 'bad', update: { ProgressDeadline: 0, AutoRevert: false, Canary: 1 } }));
  await play(world, (alloc) => (releaseOf(world, alloc) === 'r1' ? true : 'failed'));
  expect(latest(world)).toMatchObject({ Status: 'failed' });
  const [moved] = living(world);
  await world.server.stopAlloc(moved!.ID);
  await settle();
  await play(world);
  expect(living(world)).toHaveLength(4);
  expect(releases(world)).toEqual(['r1', 'r1', 'r1', 'r1']);
});

it('a kill_timeout longer than the deadline is no reason to refuse a job, also where there is no deadline', async () => {
  const world = await start();
  const slow = newTask({ KillTimeout: 20 * MINUTE });
  for (const ProgressDeadline of [600 * SECOND, 0]) {
    const wanted = { release: 'r1', update: { ProgressDeadline }, group: { Tasks: [slow] } };
    await submit(world, jobOf(wanted));
  }
  await play(world);
  expect(living(world)).toHaveLength(4);
});
