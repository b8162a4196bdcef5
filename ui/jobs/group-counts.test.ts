import { describe, expect, it } from 'vitest';
import type { AllocStub } from '../../src/api/views.ts';
import type { Job } from '../../src/model/job.ts';
import { groupCounts } from './group-counts.ts';

const job = (changes: Partial<Job> = {}): Job =>
  ({ Type: 'service', Stop: false, TaskGroups: [{ Name: 'app', Count: 4 }], ...changes }) as Job;

const alloc = (ClientStatus: AllocStub['ClientStatus'], changes: Partial<AllocStub> = {}): AllocStub =>
  ({ TaskGroup: 'app', ClientStatus, DesiredStatus: 'run', ...changes }) as AllocStub;

const judged = (Healthy: boolean | null) => ({
  DeploymentStatus: { Healthy, Canary: false, Timestamp: '', ModifyIndex: 1 },
});

describe('a group of a job', () => {
  it('counts what is wanted, what runs of it and what is healthy of that', () => {
    const allocs = [
      alloc('running', judged(true)),
      alloc('running', judged(false)),
      alloc('running', judged(null)),
      alloc('pending'),
      alloc('failed'),
      alloc('running', { DesiredStatus: 'stop' }),
      alloc('complete', { DesiredStatus: 'stop' }),
      alloc('running', { TaskGroup: 'other' }),
    ];
    expect(groupCounts(job(), allocs)).toEqual([
      {
        name: 'app',
        desired: 4,
        running: 3,
        starting: 1,
        healthy: 1,
        unhealthy: 1,
        isJudged: true,
        stopping: 1,
        failed: 1,
      },
    ]);
  });

  it('of a stopped job shall have none, of a system job no number', () => {
    expect(groupCounts(job({ Stop: true }), [])[0]?.desired).toBe(0);
    expect(groupCounts(job({ Type: 'system' }), [])[0]?.desired).toBeUndefined();
  });

  it('whose health nobody judges says so', () => {
    expect(groupCounts(job({ Type: 'batch' }), [alloc('running')])[0]?.isJudged).toBe(false);
  });
});
