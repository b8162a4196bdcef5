/** From a pending evaluation to durable rows, while the world moves on. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import { NOW_MS, newAlloc, newEvaluation, newGroup, newJob, newNode } from '../scheduler/fixtures.ts';
import { EvalBroker } from './eval-broker.ts';
import { Evaluator } from './evaluator.ts';
import { newDeployment, put, read, runLoop, type TestState, testState } from './fixtures.ts';

let world: TestState;
let broker: EvalBroker;
/** What happens while the scheduler breathes, once. */
let meanwhile: (() => Promise<unknown>) | undefined;
let evaluator: Evaluator;
beforeEach(async () => {
  world = await testState();
  broker = new EvalBroker(world);
  meanwhile = undefined;
  const breathe = async () => {
    const once = meanwhile;
    meanwhile = undefined;
    await once?.();
  };
  evaluator = new Evaluator({ ...world, broker, breathe });
});

const jobOf = (Count: number, fields: Partial<Job> = {}) => newJob({ TaskGroups: [newGroup({ Count })], ...fields });
const given = (job: Job, fields: Partial<Evaluation> = {}, nodes = [newNode(0)]) =>
  put(world.state, { jobs: [job], nodes, evals: [newEvaluation(job, { ID: 'e', ...fields })] });
const evaluation = (id = 'e') => read(world, (tx) => tx.evaluation(id))!;
const evaluationsBut = (id: string) => read(world, (tx) => [...tx.evaluations()].filter((each) => each.ID !== id));
const allocs = () => read(world, (tx) => tx.allocsByJob('default', 'web'));

describe('an evaluation', () => {
  it('becomes a deployment with its instances, and is complete, all in one transaction', async () => {
    await given(jobOf(2));
    await evaluator.evaluate(evaluation());
    expect(allocs()).toHaveLength(2);
    expect(new Set(allocs().map((alloc) => alloc.CreateIndex)).size).toBe(1);
    const [deployment] = read(world, (tx) => tx.deploymentsByJob('default', 'web'));
    expect(deployment).toMatchObject({ Status: 'running', TaskGroups: { app: { PlacedAllocs: 2 } } });
    expect(evaluation()).toMatchObject({
      Status: 'complete',
      DeploymentID: deployment?.ID,
      QueuedAllocations: { app: 0 },
      ModifyIndex: allocs()[0]?.CreateIndex,
    });
    expect(read(world, (tx) => tx.job('default', 'web')?.Status)).toBe('running');
  });

  it.each(['complete', 'canceled', 'blocked'] as const)('that is %s by now is left alone', async (Status) => {
    await given(jobOf(1), { Status });
    const { index } = world.state;
    await evaluator.evaluate({ ...evaluation(), Status: 'pending' });
    expect(world.state.index).toBe(index);
  });

  it('of a purged job ends what is left of it', async () => {
    await given(jobOf(1));
    await evaluator.evaluate(evaluation());
    await world.state.update((tx) => tx.deleteJob('default', 'web'));
    await put(world.state, { evals: [newEvaluation(jobOf(1), { ID: 'purge' })] });
    await evaluator.evaluate(evaluation('purge'));
    expect(allocs().map((alloc) => alloc.DesiredStatus)).toEqual(['stop']);
    expect(read(world, (tx) => tx.deploymentsByJob('default', 'web')[0]?.Status)).toBe('cancelled');
  });
});

describe('a world that moves while a plan is made', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['registered anew', () => put(world.state, { jobs: [jobOf(5, { Version: 1 })] })],
    ['purged', () => world.state.update((tx) => tx.deleteJob('default', 'web'))],
  ])('has it thrown away where the job was %s: the evaluation of that change takes over', async (_, change) => {
    await given(jobOf(2));
    meanwhile = change;
    await evaluator.evaluate(evaluation());
    expect(allocs()).toEqual([]);
    expect(evaluation()).toMatchObject({
      Status: 'canceled',
      StatusDescription: 'a newer evaluation of the job takes over',
    });
  });

  it('has it made again where the deployment was paused: nothing moves then', async () => {
    const after = jobOf(1, { Version: 1, Meta: { release: 'r2' } });
    const old = newAlloc(jobOf(1), 0, { ClientStatus: 'running' });
    await put(world.state, { jobs: [jobOf(1), after], nodes: [newNode(0)], allocs: [old] });
    const stored = read(world, (tx) => tx.job('default', 'web'))!;
    const deployment = newDeployment(stored, {}, { ID: 'd' });
    await put(world.state, { deployments: [deployment], evals: [newEvaluation(stored, { ID: 'e' })] });
    meanwhile = () => put(world.state, { deployments: [{ ...deployment, Status: 'paused' }] });
    await evaluator.evaluate(evaluation());
    expect(allocs()).toMatchObject([{ JobVersion: 0, DesiredStatus: 'run' }]);
    expect(evaluation().Status).toBe('complete');
  });

  it('does not have it thrown away where only the status of the job changed', async () => {
    await given(jobOf(2));
    meanwhile = () => world.state.update((tx) => tx.touchJob({ ...tx.job('default', 'web')!, Status: 'dead' }));
    await evaluator.evaluate(evaluation());
    expect(allocs()).toHaveLength(2);
  });

  it('has what no longer fits evaluated again, at once the first time and a little later the second', async () => {
    await given(jobOf(2));
    const full = (ID: string) => () =>
      put(world.state, {
        jobs: [jobOf(1, { ID: 'big' })],
        nodes: [newNode(0, {}, { cpu: 0 }), newNode(1)],
        allocs: [newAlloc(jobOf(1, { ID: 'big' }), 0, { ID })],
      });
    meanwhile = full('first');
    await evaluator.evaluate(evaluation());
    expect(evaluation()).toMatchObject({ Status: 'complete' });
    const [again] = evaluationsBut('e');
    expect(again).toMatchObject({ TriggeredBy: 'max-plan-attempts', PreviousEval: 'e', Status: 'pending' });
    expect(again).not.toHaveProperty('WaitUntilMs');
    meanwhile = () => put(world.state, { nodes: [newNode(1, { Status: 'down' })] });
    await evaluator.evaluate(again!);
    const [later] = evaluationsBut('e').filter((each) => each.ID !== again?.ID);
    expect(later).toMatchObject({ TriggeredBy: 'max-plan-attempts', WaitUntilMs: NOW_MS + 500 });
  });
});

describe('a large plan', () => {
  it('is applied in parts, each durable alone; the evaluation is complete with the last', async () => {
    const large = newNode(0, {}, { cpu: 1e6, memoryMB: 1e6, diskMB: 1e6 });
    await given(jobOf(1500), {}, [large]);
    await evaluator.evaluate(evaluation());
    const indexes = [...new Set(allocs().map((alloc) => alloc.CreateIndex))].sort((a, b) => a - b);
    expect(indexes).toHaveLength(4);
    expect(evaluation()).toMatchObject({ Status: 'complete', ModifyIndex: indexes[3] });
    expect(read(world, (tx) => tx.deploymentsByJob('default', 'web'))).toMatchObject([
      { TaskGroups: { app: { PlacedAllocs: 1500 } } },
    ]);
  });

  it.each([1, 2, 3, 4])(
    'of which write %i failed is made again: its rest never follows what was discarded',
    async (at) => {
      const large = newNode(0, {}, { cpu: 1e6, memoryMB: 1e6, diskMB: 1e6 });
      await given(jobOf(1500), {}, [large]);
      const failing = world.records.transactions + at;
      world.records.faults = {
        before: (ordinal) => (ordinal === failing ? Promise.reject(new Error('the disk is gone')) : undefined),
      };
      await expect(evaluator.evaluate(evaluation())).rejects.toThrow(/could not be stored/);
      expect(evaluation().Status).toBe('pending');
      await evaluator.evaluate(evaluation());
      expect(new Set(allocs().map((alloc) => alloc.Name)).size).toBe(1500);
      expect([allocs().length, evaluation().Status]).toEqual([1500, 'complete']);
    },
  );
});

describe('an evaluation that fails', () => {
  it('is tried again after a while, and nothing of it is left behind until then', async () => {
    await given(jobOf(1));
    meanwhile = () => Promise.reject(new Error('no breath'));
    const running = await runLoop(world.state, evaluator);
    broker.enqueue(evaluation());
    await world.clock.advance(0);
    expect([evaluation().Status, allocs()]).toEqual(['pending', []]);
    await world.clock.advance(1000);
    expect([evaluation().Status, allocs().length]).toEqual(['complete', 1]);
    await running.stop();
  });
});
