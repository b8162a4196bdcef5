/** What is forgotten, and what is not yet. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import { NOW_MS, newAlloc, newEvaluation, newJob, newNode } from '../scheduler/fixtures.ts';
import { newDeployment, put, type Rows, read, type TestState, testState } from './fixtures.ts';
import { COLLECT_ALL, collect, DEFAULT_THRESHOLDS, findGarbage, isEmpty } from './garbage.ts';

const HOUR_MS = 3_600_000;
const ago = (ms: number) => nanosOf(NOW_MS - ms);
const job = newJob();

let world: TestState;
beforeEach(async () => {
  world = await testState();
});

async function garbageOf(rows: Rows, thresholds = DEFAULT_THRESHOLDS) {
  await put(world.state, rows);
  return read(world, (tx) => findGarbage(tx, thresholds, NOW_MS));
}

describe('an allocation', () => {
  const ended = (fields: Partial<Allocation> = {}) =>
    newAlloc(job, 0, { ID: 'a', ClientStatus: 'complete', DesiredStatus: 'stop', ModifyTime: ago(HOUR_MS), ...fields });

  it.each<[string, Partial<Allocation>, boolean]>([
    ['is forgotten an hour after it ended', {}, true],
    ['is kept until then', { ModifyTime: ago(HOUR_MS - 1) }, false],
    ['is kept while it runs, however it is to end', { ClientStatus: 'running' }, false],
    ['is kept while it is wanted: the scheduler counts on it', { DesiredStatus: 'run' }, false],
    ['is kept when it failed and is still to be tried again', { DesiredStatus: 'run', ClientStatus: 'failed' }, false],
  ])('%s', async (_, fields, gone) => {
    const { allocs } = await garbageOf({ jobs: [job], allocs: [ended(fields)] });
    expect(allocs).toEqual(gone ? ['a'] : []);
  });

  it.each<[string, Rows]>([
    ['stopped', { jobs: [{ ...job, Stop: true }] }],
    ['forgotten', {}],
  ])('that is still wanted is forgotten once its job was %s', async (_, rows) => {
    const { allocs } = await garbageOf({ ...rows, allocs: [ended({ DesiredStatus: 'run' })] });
    expect(allocs).toEqual(['a']);
  });
});

describe('an evaluation', () => {
  const evaluation = (fields = {}) =>
    newEvaluation(job, { ID: 'e', Status: 'complete', ModifyTime: ago(HOUR_MS), ...fields });

  it.each([
    ['is forgotten an hour after it was done', {}, true],
    ['is forgotten when it was cancelled', { Status: 'canceled' }, true],
    ['is kept until then', { ModifyTime: ago(HOUR_MS - 1) }, false],
    ['is kept while it is pending', { Status: 'pending' }, false],
    ['is kept while it waits for room', { Status: 'blocked' }, false],
  ])('%s', async (_, fields, gone) => {
    const { evals } = await garbageOf({ evals: [evaluation(fields)] });
    expect(evals).toEqual(gone ? ['e'] : []);
  });

  it('is kept while one of its instances runs', async () => {
    const { evals } = await garbageOf({
      jobs: [job],
      evals: [evaluation()],
      allocs: [newAlloc(job, 0, { EvalID: 'e' })],
    });
    expect(evals).toEqual([]);
  });
});

describe('a deployment', () => {
  const old = { ModifyTimeMs: NOW_MS - HOUR_MS, CreateTimeMs: NOW_MS - HOUR_MS };
  const of = (ID: string, fields = {}) => newDeployment(job, {}, { ID, Status: 'successful', ...old, ...fields });

  it('is forgotten once a newer one is there, an hour after it ended', async () => {
    await put(world.state, { jobs: [job], deployments: [of('first')] });
    expect((await garbageOf({ deployments: [of('second')] })).deployments).toEqual(['first']);
  });

  it('is kept as the latest of its job, while it has not ended, and while its instances run', async () => {
    await put(world.state, { jobs: [job], deployments: [of('running', { Status: 'running' }), of('serves')] });
    const rows = { deployments: [of('latest')], allocs: [newAlloc(job, 0, { DeploymentID: 'serves' })] };
    expect((await garbageOf(rows)).deployments).toEqual([]);
  });

  it('is kept while the set that it replaced is kept warm', async () => {
    const warm = (WarmUntilMs: number) =>
      newDeployment(job, { WarmUntilMs }, { ID: 'warm', Status: 'successful', ...old });
    await put(world.state, { jobs: [job], deployments: [warm(NOW_MS + 1)] });
    expect((await garbageOf({ deployments: [of('latest')] })).deployments).toEqual([]);
    expect((await garbageOf({ deployments: [warm(NOW_MS)] })).deployments).toEqual(['warm']);
  });

  it('that failed is kept as the latest of its job that did: why it went back at night is asked in the morning', async () => {
    const failed = { Status: 'failed' as const };
    await put(world.state, { jobs: [job], deployments: [of('before', failed)] });
    await put(world.state, { deployments: [of('failed', failed)] });
    expect((await garbageOf({ deployments: [of('went-back')] })).deployments).toEqual(['before']);
  });

  it('is forgotten with its job', async () => {
    expect((await garbageOf({ deployments: [of('orphan')] })).deployments).toEqual(['orphan']);
  });
});

describe('a job', () => {
  const dead = { Status: 'dead' as const, SubmitTime: ago(4 * HOUR_MS) };
  const batch = { ...dead, Type: 'batch' as const };
  const ended = (endedMsAgo: number) =>
    newAlloc(job, 0, { ID: 'a', ClientStatus: 'complete', ModifyTime: ago(endedMsAgo) });

  it.each<[string, Partial<Job>, Allocation[], boolean]>([
    ['is forgotten four hours after it was stopped', { ...dead, Stop: true }, [], true],
    ['is kept until then', { ...dead, Stop: true, SubmitTime: ago(4 * HOUR_MS - 1) }, [], false],
    ['is kept while instances of it run', { ...dead, Stop: true }, [newAlloc(job, 0)], false],
    ['is kept while it is not dead', { ...dead, Stop: true, Status: 'running' }, [], false],
    ['is kept as a dead service that nobody stopped', dead, [], false],
    ['is forgotten as a batch job four hours after its last instance ended', batch, [ended(4 * HOUR_MS)], true],
    ['is kept as a batch job that took longer than that to end', batch, [ended(1000)], false],
  ])('%s', async (_, fields, allocs, gone) => {
    const { jobs } = await garbageOf({ jobs: [{ ...job, ...fields }], allocs });
    expect(jobs).toEqual(gone ? [{ namespace: 'default', id: 'web' }] : []);
  });
});

describe('a node', () => {
  const down = (fields = {}) =>
    newNode(0, { Status: 'down', StatusUpdatedAt: (NOW_MS - 24 * HOUR_MS) / 1000, ...fields });

  it.each([
    ['is forgotten after a day without a word', {}, true],
    ['is kept until then', { StatusUpdatedAt: (NOW_MS - 23 * HOUR_MS) / 1000 }, false],
    ['is kept while it is heard from', { Status: 'ready' }, false],
  ])('%s', async (_, fields, gone) => {
    const { nodes } = await garbageOf({ nodes: [down(fields)] });
    expect(nodes).toEqual(gone ? [newNode(0).ID] : []);
  });

  it('is kept while an instance there has not ended, as far as anybody knows', async () => {
    expect((await garbageOf({ nodes: [down()], jobs: [job], allocs: [newAlloc(job, 0)] })).nodes).toEqual([]);
  });
});

describe('collecting', () => {
  it('on demand takes everything that has ended, however recently, and nothing else', async () => {
    const stopped = newJob({ ID: 'stopped', Stop: true, Status: 'dead', SubmitTime: ago(0) });
    const rows = {
      jobs: [job, stopped],
      nodes: [newNode(0), newNode(1, { Status: 'down', StatusUpdatedAt: NOW_MS / 1000 })],
      allocs: [
        newAlloc(job, 0, { ID: 'runs' }),
        newAlloc(stopped, 0, { ID: 'ended', ClientStatus: 'complete', ModifyTime: ago(0) }),
      ],
      evals: [newEvaluation(stopped, { Status: 'complete', ModifyTime: ago(0) })],
      deployments: [newDeployment(stopped, {}, { ID: 'd', Status: 'failed' })],
    };
    expect(isEmpty(await garbageOf(rows))).toBe(true);
    const garbage = read(world, (tx) => findGarbage(tx, COLLECT_ALL, NOW_MS));
    await world.state.update((tx) => collect(tx, garbage));
    read(world, (tx) => {
      expect([...tx.jobs()].map((each) => each.ID)).toEqual(['web']);
      expect([...tx.allocs()].map((alloc) => alloc.ID)).toEqual(['runs']);
      expect([...tx.evaluations()]).toEqual([]);
      expect(tx.nodes()).toHaveLength(1);
    });
  });

  it('takes many in several transactions', async () => {
    const allocs = Array.from({ length: 2500 }, (_, at) =>
      newAlloc(job, at, { ID: `a${at}`, ClientStatus: 'complete', DesiredStatus: 'stop', ModifyTime: 0 }),
    );
    const first = await garbageOf({ jobs: [job], allocs });
    expect(first.allocs).toHaveLength(2000);
    await world.state.update((tx) => collect(tx, first));
    expect(read(world, (tx) => findGarbage(tx, DEFAULT_THRESHOLDS, NOW_MS)).allocs).toHaveLength(500);
  });
});
