/** Going back, scaling and stability: what is stored, what is refused. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../model/job.ts';
import { newGroup, newJob, newTask } from '../scheduler/fixtures.ts';
import { read, type TestState, testState } from './fixtures.ts';
import { revertJob, scaleJob, setJobStability } from './job-changes.ts';
import { deregisterJob, registerJob } from './job-operations.ts';

let world: TestState;
beforeEach(async () => {
  world = await testState();
});

const of = { namespace: 'default', jobId: 'web' };
const web = (release: string, Count = 1): Job =>
  newJob({ TaskGroups: [newGroup({ Count, Tasks: [newTask({ Env: { RELEASE: release } })] })] });
const register = (job: Job) => registerJob(world, { Job: job });
const revert = (version: number, enforcePriorVersion?: number) =>
  revertJob(world, { ...of, version, ...(enforcePriorVersion !== undefined && { enforcePriorVersion }) });
const scale = (count: number, group = 'app') => scaleJob(world, { ...of, group, count });
const job = () => read(world, (tx) => tx.job('default', 'web'));
const releaseOf = (one: Job | undefined) => one?.TaskGroups[0]?.Tasks[0]?.Env?.RELEASE;
const trigger = (id: string) => read(world, (tx) => tx.evaluation(id)?.TriggeredBy);

describe('reverting', () => {
  beforeEach(async () => {
    await register(web('v0'));
    await register(web('v1'));
  });

  it('registers the earlier specification as the newest version, which is not stable yet', async () => {
    await setJobStability(world, { ...of, version: 0, stable: true });
    const answer = await revert(0);
    expect(job()).toMatchObject({ Version: 2, Stable: false, JobModifyIndex: answer.JobModifyIndex });
    expect(releaseOf(job())).toBe('v0');
    expect(job()?.RevertOf).toBe(0);
    expect(trigger(answer.EvalID)).toBe('job-register');
  });

  it.each([
    [1, undefined, "can't revert to current version"],
    [9, undefined, 'job "web" in namespace "default" at version 9 not found'],
    [0, 0, 'Enforcing job version 0: the job is at version 1'],
  ])('to version %j, enforcing %j, is refused: %s', async (version, enforced, message) => {
    await expect(revert(version, enforced)).rejects.toThrow(message);
    expect(job()?.Version).toBe(1);
  });

  it('to a version that says the same as the current one is refused: it would be a loop', async () => {
    await revert(0, 1);
    await expect(revert(0)).rejects.toThrow("can't revert to version 0: it says the same as the current version 2");
  });

  it('brings a stopped job back, but never to the version that stopped it', async () => {
    await deregisterJob(world, 'default', 'web', { purge: false });
    await revert(1);
    expect(job()).toMatchObject({ Version: 3, Stop: false });
    await expect(revert(2)).rejects.toThrow('with that one the job was stopped');
  });

  it('of an unknown job finds none', async () => {
    await expect(revertJob(world, { ...of, jobId: 'other', version: 0 })).rejects.toMatchObject({ code: 'notFound' });
  });
});

it('a new job file after a revert is an ordinary version again', async () => {
  await register(web('v0'));
  await register(web('v1'));
  await revert(0);
  await register({ ...job()!, TaskGroups: web('v2').TaskGroups });
  expect(job()).toMatchObject({ Version: 3 });
  expect(job()?.RevertOf).toBeUndefined();
});

describe('scaling', () => {
  beforeEach(async () => {
    await register(web('v0'));
  });

  it('registers the job with another count as a new version', async () => {
    const answer = await scale(3);
    expect(job()).toMatchObject({ Version: 1, TaskGroups: [{ Name: 'app', Count: 3 }] });
    expect(trigger(answer.EvalID)).toBe('job-register');
  });

  it('to the count that it has is no new version', async () => {
    await scale(1);
    expect(job()?.Version).toBe(0);
  });

  it('of an unknown group says which there are', async () => {
    await expect(scale(1, 'db')).rejects.toThrow('task group "db" does not exist in job "web"; it has "app"');
  });

  it('of a stopped job is refused', async () => {
    await deregisterJob(world, 'default', 'web', { purge: false });
    await expect(scale(3)).rejects.toThrow('job "web" is stopped');
  });

  it('below nothing is refused', async () => {
    await expect(scale(-1)).rejects.toThrow("count can't be negative");
  });
});

it('a version can be called stable, and not stable again', async () => {
  await register(web('v0'));
  const stable = () => read(world, (tx) => tx.jobVersion('default', 'web', 0)?.Stable);
  await setJobStability(world, { ...of, version: 0, stable: true });
  expect(stable()).toBe(true);
  await setJobStability(world, { ...of, version: 0, stable: false });
  expect(stable()).toBe(false);
});
