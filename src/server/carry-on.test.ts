/** A scale while a deployment is under way: it goes on, as itself. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import type { Job } from '../model/job.ts';
import { MINUTE, timestampOf } from '../model/nanos.ts';
import { NOW_MS, newGroup, newJob, newTask, newUpdate } from '../scheduler/fixtures.ts';
import { newDeployment, put, read, type TestState, testState } from './fixtures.ts';
import { revertJob, scaleJob } from './job-changes.ts';
import { registerJob } from './job-operations.ts';

let world: TestState;
beforeEach(async () => {
  world = await testState();
});

const inMs = (ms: number) => timestampOf(NOW_MS + ms);
const web = (release: string, Count: number, canary = 0): Job =>
  newJob({
    TaskGroups: [
      newGroup({ Count, Tasks: [newTask({ Env: { RELEASE: release } })], Update: newUpdate({ Canary: canary }) }),
    ],
  });
const job = () => read(world, (tx) => tx.job('default', 'web'))!;
const deployment = () => read(world, (tx) => tx.deployment('d'))!;
const scale = (count: number) => scaleJob(world, { namespace: 'default', jobId: 'web', group: 'app', count });

/** The job as it is registered, with a deployment of its version. */
async function deploying(of: Job, state: Partial<DeploymentState> = {}, fields: Partial<Deployment> = {}) {
  await registerJob(world, { Job: of });
  await put(world.state, { deployments: [newDeployment(job(), state, { ID: 'd', ...fields })] });
}

describe('a scale during a deployment', () => {
  it('moves the deployment to the new version, with the new target and all of its time', async () => {
    await deploying(web('r1', 3), { HealthyAllocs: 2, ProgressDeadline: 10 * MINUTE, RequireProgressBy: inMs(1000) });
    await scale(5);
    expect(job().Version).toBe(1);
    expect(deployment()).toMatchObject({
      Status: 'running',
      JobVersion: 1,
      TaskGroups: { app: { DesiredTotal: 5, HealthyAllocs: 2, RequireProgressBy: inMs(600_000) } },
    });
  });

  it('by a job file that changes nothing else does the same', async () => {
    await deploying(web('r1', 3));
    await registerJob(world, { Job: web('r1', 2) });
    expect(deployment()).toMatchObject({ JobVersion: 1, TaskGroups: { app: { DesiredTotal: 2 } } });
  });

  it.each<[string, number, Partial<DeploymentState>, number, object]>([
    [
      'a blue/green scales both sets',
      3,
      { DesiredCanaries: 3, IsBlueGreen: true },
      5,
      { DesiredCanaries: 5, BaseCount: 5 },
    ],
    ['canaries stay as many as the job says', 2, { DesiredCanaries: 2 }, 5, { DesiredCanaries: 2, BaseCount: 5 }],
    ['canaries are no more than the count', 2, { DesiredCanaries: 2 }, 1, { DesiredCanaries: 1, BaseCount: 1 }],
    ['promoted canaries are as they were', 2, { DesiredCanaries: 2, Promoted: true }, 5, { DesiredCanaries: 2 }],
  ])('%s', async (_, canary, state, count, expected) => {
    await deploying(web('r1', 3, canary), state);
    await scale(count);
    expect(deployment().TaskGroups.app).toMatchObject({ DesiredTotal: count, ...expected });
  });

  it('leaves a paused one paused, its clock where it stood', async () => {
    const state = { ProgressDeadline: 10 * MINUTE, RequireProgressBy: inMs(1000) };
    await deploying(web('r1', 3), state, { Status: 'paused', PausedAtMs: NOW_MS - 5000 });
    await scale(4);
    expect(deployment()).toMatchObject({
      Status: 'paused',
      JobVersion: 1,
      TaskGroups: { app: { DesiredTotal: 4, RequireProgressBy: inMs(595_000) } },
    });
  });

  it('by a revert to a version that had another count does the same', async () => {
    await registerJob(world, { Job: web('r1', 5) });
    await deploying(web('r1', 3));
    await revertJob(world, { namespace: 'default', jobId: 'web', version: 0 });
    expect(job()).toMatchObject({ Version: 2, RevertOf: 0, TaskGroups: [{ Count: 5 }] });
    expect(deployment()).toMatchObject({ Status: 'running', JobVersion: 2, TaskGroups: { app: { DesiredTotal: 5 } } });
  });

  it('of a revert still needs no canaries', async () => {
    await deploying(web('r1', 3));
    await world.state.update((tx) => tx.putJob({ ...job(), Version: 1, RevertOf: 0, JobModifyIndex: tx.index }));
    await put(world.state, { deployments: [newDeployment(job(), {}, { ID: 'd' })] });
    await registerJob(world, { Job: web('r1', 4) });
    expect(job()).toMatchObject({ Version: 2, RevertOf: 0 });
  });

  it.each<[string, Job, Partial<Deployment>]>([
    ['that changes more than the count is another release', web('r2', 5), {}],
    ['after the deployment has ended begins another', web('r1', 5), { Status: 'failed' }],
  ])('%s', async (_, next, fields) => {
    await deploying(web('r1', 3), {}, fields);
    await registerJob(world, { Job: next });
    expect(deployment()).toMatchObject({ JobVersion: 0, TaskGroups: { app: { DesiredTotal: 3 } } });
  });
});
