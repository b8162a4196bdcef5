/** Names of versions: what they stand for, what they keep, what they leave alone. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import { NOW_MS, newGroup, newJob } from '../scheduler/fixtures.ts';
import { read, type TestState, testState } from './fixtures.ts';
import { COLLECT_ALL, collect, findGarbage } from './garbage.ts';
import { revertJob, scaleJob } from './job-changes.ts';
import { deregisterJob, registerJob } from './job-operations.ts';
import { tagJobVersion, untagJobVersion } from './version-tags.ts';

let world: TestState;
beforeEach(async () => {
  world = await testState();
  await register(1);
  await register(2);
});

const of = { namespace: 'default', jobId: 'web' };
const register = (Count: number) => registerJob(world, { Job: newJob({ TaskGroups: [newGroup({ Count })] }) });
const tag = (name: string, version?: number, description = '') =>
  tagJobVersion(world, { ...of, name, description, ...(version !== undefined && { version }) });
const tags = () =>
  read(world, (tx) =>
    Object.fromEntries(tx.jobVersions('default', 'web').map((job: Job) => [job.Version, job.VersionTag?.Name])),
  );

describe('a tag', () => {
  it('names the newest version, or the one that is given, and is answered', async () => {
    const answer = await tag('golden', 0, 'the best');
    expect(answer).toMatchObject({ Name: 'golden', Description: 'the best', TaggedTime: nanosOf(NOW_MS), Version: 0 });
    await tag('newest');
    expect(tags()).toEqual({ 1: 'newest', 0: 'golden' });
    expect(read(world, (tx) => tx.job('default', 'web')?.VersionTag?.Name)).toBe('newest');
  });

  it('is changed by applying another to its version, and removed', async () => {
    await tag('golden', 0);
    await tag('golden', 0, 'described');
    await tag('silver', 0);
    expect(tags()).toEqual({ 1: undefined, 0: 'silver' });
    await untagJobVersion(world, { ...of, name: 'silver' });
    expect(tags()).toEqual({ 1: undefined, 0: undefined });
  });

  it('is nobody’s business to evaluate', async () => {
    const evaluations = () => read(world, (tx) => [...tx.evaluations()].length);
    const before = evaluations();
    await tag('golden');
    expect(evaluations()).toBe(before);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['of another version', () => tag('golden', 1), 'tag "golden" already stands for version 0 of job "web"'],
    ['of a version that is not there', () => tag('x', 9), 'at version 9 not found'],
    ['of digits', () => tag('3'), '"3" would be taken for version 3'],
    ['without a name', () => tag(''), 'needs a name of 1 to 128 characters'],
    ['that is not there, to remove', () => untagJobVersion(world, { ...of, name: 'x' }), 'has no version tagged "x"'],
    ['of no job', () => tagJobVersion(world, { ...of, jobId: 'no', name: 'x', description: '' }), 'job not found'],
  ])('is refused: %s', async (_, act, sentence) => {
    await tag('golden', 0);
    await expect(act()).rejects.toThrow(sentence);
    expect(tags()).toEqual({ 1: undefined, 0: 'golden' });
  });
});

describe('a version that is tagged', () => {
  it('is not forgotten, however many follow', async () => {
    await tag('golden', 0);
    for (let count = 3; count < 12; count++) await register(count);
    expect(Object.keys(tags())).toEqual(['0', '5', '6', '7', '8', '9', '10']);
    await untagJobVersion(world, { ...of, name: 'golden' });
    await register(12);
    expect(Object.keys(tags())).toEqual(['6', '7', '8', '9', '10', '11']);
  });

  it('keeps its job from being collected, until it is purged', async () => {
    await tag('golden', 0);
    await deregisterJob(world, 'default', 'web', { purge: false });
    await world.state.update((tx) => tx.touchJob({ ...tx.job('default', 'web')!, Status: 'dead' }));
    const garbage = () => read(world, (tx) => findGarbage(tx, COLLECT_ALL, NOW_MS + 1));
    expect(garbage().jobs).toEqual([]);
    await untagJobVersion(world, { ...of, name: 'golden' });
    expect(garbage().jobs).toEqual([{ namespace: 'default', id: 'web' }]);
    await world.state.update((tx) => collect(tx, garbage()));
    expect(tags()).toEqual({});
  });

  it.each<[string, () => Promise<unknown>]>([
    ['registered', () => register(9)],
    ['scaled', () => scaleJob(world, { ...of, group: 'app', count: 9 })],
    ['reverted to', () => revertJob(world, { ...of, version: 0 })],
    ['stopped', () => deregisterJob(world, 'default', 'web', { purge: false })],
  ])('keeps its tag to itself: the next version, %s, has none', async (_, act) => {
    await tag('golden', 0);
    await tag('newest');
    await act();
    expect(tags()).toEqual({ 2: undefined, 1: 'newest', 0: 'golden' });
  });

  it('is still the version that runs when its job file is submitted again', async () => {
    await tag('newest');
    await register(2);
    expect(tags()).toEqual({ 1: 'newest', 0: undefined });
  });
});
