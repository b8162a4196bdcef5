/** The status of a job as it follows from what there is of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { EvalStatus } from '../model/evaluation.ts';
import { newAlloc, newEvaluation, newJob } from '../scheduler/fixtures.ts';
import { put, read, type TestState, testState } from './fixtures.ts';
import { jobStatus, refreshJobStatus } from './job-status.ts';

const job = newJob({ Status: 'pending' });
const evaluation = (Status: EvalStatus) => newEvaluation(job, { Status });
const alloc = (fields: Partial<Allocation> = {}) => newAlloc(job, 0, fields);

let world: TestState;
beforeEach(async () => {
  world = await testState();
});

describe('a job', () => {
  const ended = alloc({ ClientStatus: 'complete' });
  it.each([
    ['is pending before anybody has looked at it', {}, 'pending'],
    ['is pending while its evaluation is', { evals: [evaluation('pending')] }, 'pending'],
    ['is pending while it waits for room', { evals: [evaluation('blocked')] }, 'pending'],
    ['is running while an instance of it is', { allocs: [alloc()] }, 'running'],
    ['is running while an instance of it is about to', { allocs: [alloc({ ClientStatus: 'pending' })] }, 'running'],
    [
      'is running while the last one has been told to stop',
      { stop: true, allocs: [alloc({ DesiredStatus: 'stop' })] },
      'running',
    ],
    [
      'is dead when all have ended and nobody is to look again',
      { allocs: [ended], evals: [evaluation('complete')] },
      'dead',
    ],
    [
      'is pending when all have ended and somebody will look again',
      { allocs: [ended], evals: [evaluation('pending')] },
      'pending',
    ],
    ['is dead when it placed nothing', { evals: [evaluation('complete')] }, 'dead'],
    [
      'is dead once it is stopped, whoever is still to look at it',
      { stop: true, evals: [evaluation('pending')] },
      'dead',
    ],
  ])('%s', async (_, { stop = false, ...rows }: { stop?: boolean } & Parameters<typeof put>[1], status) => {
    const row = { ...job, Stop: stop };
    await put(world.state, { jobs: [row], ...rows });
    expect(read(world, (tx) => jobStatus(tx, row))).toBe(status);
  });

  it('has its status written where it changed, and only there, without a new version', async () => {
    await put(world.state, { jobs: [job], allocs: [alloc()] });
    const { index } = await world.state.update((tx) => refreshJobStatus(tx, 'default', 'web'));
    expect(read(world, (tx) => tx.jobVersions('default', 'web'))).toMatchObject([{ Status: 'running', Version: 0 }]);
    await world.state.update((tx) => refreshJobStatus(tx, 'default', 'web'));
    await world.state.update((tx) => refreshJobStatus(tx, 'default', 'unknown'));
    expect(world.state.index).toBe(index);
  });
});
