/** What people ask of a deployment: paused clocks, canaries promoted or refused, health by hand. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import { MINUTE, timestampOf } from '../model/nanos.ts';
import { health, NOW_MS, newAlloc, newGroup, newJob, newNode } from '../scheduler/fixtures.ts';
import { applyAllocUpdates } from './alloc-updates.ts';
import {
  pauseDeployment,
  promoteDeployment,
  resumeDeployment,
  setAllocHealth,
  unblockDeployment,
  weighDeployment,
} from './deployment-operations.ts';
import { newDeployment, put, read, type TestState, testState } from './fixtures.ts';

const job = newJob({ TaskGroups: [newGroup({ Count: 3 })] });
const inMs = (ms: number) => timestampOf(NOW_MS + ms);
const canary = (at: number, healthy: boolean | null, fields: Partial<Allocation> = {}): Allocation =>
  newAlloc(job, at, {
    ID: `canary-${at}-of-web`,
    DeploymentID: 'd',
    DeploymentStatus: { ...health(healthy)!, Canary: true },
    ...fields,
  });

let world: TestState;
beforeEach(async () => {
  world = await testState();
});

const given = (state: Partial<DeploymentState> = {}, allocs: Allocation[] = [], fields: Partial<Deployment> = {}) =>
  put(world.state, {
    jobs: [job],
    nodes: [newNode(0)],
    allocs,
    deployments: [newDeployment(job, state, { ID: 'd', ...fields })],
  });
const deployment = () => read(world, (tx) => tx.deployment('d'))!;
const app = () => deployment().TaskGroups.app!;
const alloc = (id: string) => read(world, (tx) => tx.alloc(id))!;
const evaluation = (id: string) => read(world, (tx) => tx.evaluation(id));

describe('pausing', () => {
  it('stops the clock: after it, as much time is left as before', async () => {
    await given({ RequireProgressBy: inMs(60_000) });
    expect(await pauseDeployment(world, 'd')).toMatchObject({ EvalID: '', EvalCreateIndex: 0 });
    expect(deployment()).toMatchObject({ Status: 'paused', StatusDescription: 'Deployment is paused' });
    await world.clock.advance(100_000);
    await pauseDeployment(world, 'd');
    await world.clock.advance(20_000);
    const { EvalID } = await resumeDeployment(world, 'd');
    expect(deployment()).toMatchObject({ Status: 'running', StatusDescription: 'Deployment is running' });
    expect(deployment().PausedAtMs).toBeUndefined();
    expect(app().RequireProgressBy).toBe(inMs(180_000));
    expect(evaluation(EvalID)).toMatchObject({ TriggeredBy: 'deployment-watcher', DeploymentID: 'd' });
  });

  it('gives what becomes healthy meanwhile its whole time from the end of the pause on', async () => {
    await given({ ProgressDeadline: 10 * MINUTE, RequireProgressBy: inMs(5000) }, [
      newAlloc(job, 0, { ID: 'a', NodeID: newNode(0).ID, DeploymentID: 'd', DeploymentStatus: null }),
    ]);
    await pauseDeployment(world, 'd');
    await world.clock.advance(30_000);
    const healthy = { Healthy: true, TimestampMs: world.clock.nowMs() };
    const update = {
      ID: 'a',
      ClientStatus: 'running',
      ClientDescription: '',
      TaskStates: null,
      Healthy: healthy,
    } as const;
    await world.state.update((tx) =>
      applyAllocUpdates(tx, newNode(0).ID, [update], { nowMs: world.clock.nowMs(), newId: world.newId }),
    );
    await world.clock.advance(30_000);
    await resumeDeployment(world, 'd');
    expect(app()).toMatchObject({ HealthyAllocs: 1, RequireProgressBy: inMs(60_000 + 600_000) });
  });

  it.each([
    ['pause', pauseDeployment],
    ['resume', resumeDeployment],
    ['promote', promoteDeployment],
    ['unblock', unblockDeployment],
  ])('nobody can %s what has ended, or is unknown', async (verb, ask) => {
    await given({}, [], { Status: 'successful' });
    await expect(ask(world, 'd')).rejects.toThrow(`can't ${verb} terminal deployment`);
    await expect(ask(world, 'unknown')).rejects.toMatchObject({ code: 'notFound' });
  });

  it('nothing here is ever blocked', async () => {
    await given();
    await expect(unblockDeployment(world, 'd')).rejects.toThrow('it is not blocked');
  });
});

describe('promoting', () => {
  const waiting = { DesiredCanaries: 2, DesiredTotal: 3, ProgressDeadline: 10 * MINUTE, RequireProgressBy: inMs(1000) };

  it('takes the canaries as instances like any other, with all of their time for the rest', async () => {
    await given(waiting, [canary(0, true), canary(1, true)]);
    await world.clock.advance(500);
    const { EvalID } = await promoteDeployment(world, 'd');
    expect(app()).toMatchObject({ Promoted: true, RequireProgressBy: inMs(600_500) });
    expect(deployment().StatusDescription).toBe('Deployment is running');
    expect(alloc('canary-0-of-web').DeploymentStatus).toMatchObject({ Healthy: true, Canary: false });
    expect(evaluation(EvalID)).toMatchObject({ TriggeredBy: 'deployment-watcher', DeploymentID: 'd' });
  });

  it('is refused while a canary is not healthy, in the words of the wire and naming it', async () => {
    await given(waiting, [canary(0, true), canary(1, null), canary(2, true, { DesiredStatus: 'stop' })]);
    await expect(promoteDeployment(world, 'd')).rejects.toThrow(
      '1 error occurred:\n\t* Task group "app" has 1/2 healthy allocations; not healthy: canary-1\n\n',
    );
    expect(app().Promoted).toBe(false);
    expect(alloc('canary-0-of-web').DeploymentStatus?.Canary).toBe(true);
  });

  it('is of the named groups only; a name that is none promotes nothing', async () => {
    await given(waiting, [canary(0, true), canary(1, true)]);
    await promoteDeployment(world, 'd', ['nosuch']);
    expect(app().Promoted).toBe(false);
    await promoteDeployment(world, 'd', ['app']);
    expect(app().Promoted).toBe(true);
  });

  it('of a paused deployment leaves it paused', async () => {
    await given(waiting, [canary(0, true), canary(1, true)]);
    await pauseDeployment(world, 'd');
    await promoteDeployment(world, 'd');
    expect(deployment()).toMatchObject({ Status: 'paused', StatusDescription: 'Deployment is paused' });
    expect(app().Promoted).toBe(true);
  });
});

describe('health by hand', () => {
  it('counts in the deployment and asks for the next batch', async () => {
    await given({}, [canary(0, null), canary(1, null)]);
    const ask = { deploymentId: 'd', healthy: ['canary-0-of-web'], unhealthy: ['canary-1-of-web'] };
    const { EvalID } = await setAllocHealth(world, ask);
    expect(app()).toMatchObject({ HealthyAllocs: 1, UnhealthyAllocs: 1 });
    expect(alloc('canary-0-of-web').DeploymentStatus).toMatchObject({ Healthy: true, Canary: true });
    expect(evaluation(EvalID)?.DeploymentID).toBe('d');
  });

  it.each([
    [[], 'must specify at least one healthy/unhealthy allocation ID'],
    [['other'], 'alloc "other" is not part of deployment "d"'],
    [['nosuch'], 'unknown alloc "nosuch"'],
  ])('of %j is refused: %s', async (healthy, message) => {
    await given({}, [newAlloc(job, 0, { ID: 'other', DeploymentID: 'e' })]);
    await expect(setAllocHealth(world, { deploymentId: 'd', healthy, unhealthy: [] })).rejects.toThrow(message);
  });
});

describe('promoting a blue/green', () => {
  const old = (at: number, fields: Partial<Allocation> = {}) => newAlloc(job, at, { ID: `old-${at}`, ...fields });
  const state = { DesiredCanaries: 3, IsBlueGreen: true };
  const greens = [0, 1, 2].map((at) => canary(at, true));
  const delayed = () => read(world, (tx) => [...tx.evaluations()].filter(({ WaitUntilMs = 0 }) => WaitUntilMs > 0));

  it('lets the old set rest in the same step, and leaves what has ended alone', async () => {
    await given(state, [...greens, old(0), old(1, { ClientStatus: 'failed' })]);
    await promoteDeployment(world, 'd');
    expect(alloc('old-0')).toMatchObject({ DesiredStatus: 'run', RestsUntilMs: NOW_MS });
    expect(alloc('old-1').RestsUntilMs).toBeUndefined();
    expect(alloc('canary-0-of-web').RestsUntilMs).toBeUndefined();
    expect(delayed()).toEqual([]);
  });

  it('keeps it as long as the deployment began with, and wakes somebody when that is over', async () => {
    await given({ ...state, KeepWarm: 10 * MINUTE }, [...greens, old(0)]);
    await promoteDeployment(world, 'd');
    expect(alloc('old-0').RestsUntilMs).toBe(NOW_MS + 600_000);
    expect(app().WarmUntilMs).toBe(NOW_MS + 600_000);
    expect(delayed()).toMatchObject([{ WaitUntilMs: NOW_MS + 600_000, TriggeredBy: 'deployment-watcher' }]);
  });

  it('of canaries lets nothing rest: the old ones go on until they are replaced', async () => {
    await given({ DesiredCanaries: 1 }, [canary(0, true), old(1)]);
    await promoteDeployment(world, 'd');
    expect(alloc('old-1').RestsUntilMs).toBeUndefined();
  });
});

describe('weighing canaries', () => {
  const waiting = { DesiredCanaries: 1, Promoted: false };

  it('changes what they get, paused or not', async () => {
    await given(waiting, [], { Status: 'paused' });
    expect(await weighDeployment(world, 'd', 25, [])).toMatchObject({ EvalID: '' });
    expect(app().CanaryWeight).toBe(25);
    await weighDeployment(world, 'd', 0, ['app']);
    expect(app().CanaryWeight).toBe(0);
  });

  it.each<[string, Partial<DeploymentState>, Partial<Deployment>, number, string[], string]>([
    ['too much', waiting, {}, 101, [], 'between 0 and 100, not 101'],
    ['what is no number', waiting, {}, Number.NaN, [], 'between 0 and 100'],
    ['an unknown group', waiting, {}, 5, ['nosuch'], 'no task group "nosuch"; it has: app'],
    ['a group without canaries', { DesiredCanaries: 0 }, {}, 5, ['app'], 'Task group "app" has no canaries'],
    ['a promoted group', { DesiredCanaries: 1, Promoted: true }, {}, 5, ['app'], 'Task group "app" is promoted'],
    ['where nobody waits', { DesiredCanaries: 0 }, {}, 5, [], 'no canaries wait for their promotion'],
    [
      'one that has ended',
      waiting,
      { Status: 'successful' },
      5,
      [],
      "can't change the weight of a terminal deployment",
    ],
  ])('refuses %s', async (_, state, fields, percent, groups, words) => {
    await given(state, [], fields);
    await expect(weighDeployment(world, 'd', percent, groups)).rejects.toThrow(words);
  });
});
