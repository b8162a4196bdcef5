/** Going back: to which version, and what is said of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import { NOW_MS, newGroup, newJob } from '../scheduler/fixtures.ts';
import { newDeployment, read, type TestState, testState } from './fixtures.ts';
import { registerRevert, revertTarget } from './revert.ts';

let world: TestState;
beforeEach(async () => {
  world = await testState();
});

/** Versions from 0 on; each with its count, so that two of one count are one specification. */
async function versions(...each: (Partial<Job> & { readonly count: number })[]): Promise<Job[]> {
  const jobs = each.map(({ count, ...fields }, Version) =>
    newJob({ ...fields, Version, TaskGroups: [newGroup({ Count: count })] }),
  );
  for (const job of jobs) await world.state.update((tx) => tx.putJob(job));
  return jobs;
}

const target = (of: Job) => read(world, (tx) => revertTarget(tx, newDeployment(of)));

describe('the version to go back to', () => {
  it('is the latest stable one before', async () => {
    const jobs = await versions({ count: 1, Stable: true }, { count: 2, Stable: true }, { count: 3 }, { count: 4 });
    expect(target(jobs[3]!)).toMatchObject({ job: { Version: 1 }, words: ' - rolling back to job version 1' });
  });

  it('is none where none was stable', async () => {
    const jobs = await versions({ count: 1 }, { count: 2 });
    expect(target(jobs[1]!)).toEqual({ words: ' - no stable job version to auto revert to' });
  });

  it('is not one that came later', async () => {
    const jobs = await versions({ count: 1 }, { count: 2, Stable: true });
    expect(target(jobs[0]!)).toEqual({ words: ' - no stable job version to auto revert to' });
  });

  it('is none where it is what failed already: that would go round for ever', async () => {
    const jobs = await versions({ count: 1, Stable: true }, { count: 2 }, { count: 1 });
    expect(target(jobs[2]!)).toEqual({
      words: ' - not rolling back to stable job version 0 as current job has same specification',
    });
  });

  it('is never the one that only stopped the job: going back is not to end it', async () => {
    const stopped = { count: 1, Stable: true, Stop: true };
    const jobs = await versions({ count: 1, Stable: true }, stopped, { count: 2 });
    expect(target(jobs[2]!)).toMatchObject({ job: { Version: 0, Stop: false } });
  });
});

describe('going back', () => {
  it('registers the old specification as the newest version, which has yet to prove itself', async () => {
    const [old, current] = await versions({ count: 1, Stable: true, Status: 'dead' }, { count: 2, Status: 'running' });
    const { index } = await world.state.update((tx) => registerRevert(tx, current!, old!, NOW_MS));
    expect(read(world, (tx) => tx.job('default', 'web'))).toMatchObject({
      Version: 2,
      Stable: false,
      Status: 'running',
      SubmitTime: nanosOf(NOW_MS),
      JobModifyIndex: index,
      RevertOf: 0,
      TaskGroups: [{ Count: 1 }],
    });
    expect(read(world, (tx) => tx.jobVersions('default', 'web').map((job) => job.Version))).toEqual([2, 1, 0]);
  });
});
