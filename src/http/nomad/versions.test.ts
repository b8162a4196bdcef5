/** The versions of a job as a real peer answers them, and their tags. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../model/job.ts';
import type { JobDiff } from '../../model/plan.ts';
import { golden, goldenVersions, type TestApi, testApi } from '../fixture.ts';

interface Versions {
  readonly Versions: Job[];
  readonly Diffs: JobDiff[] | null;
}

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
});
afterEach(() => api.app.close());

async function store(newestFirst: readonly Job[]): Promise<void> {
  for (const job of [...newestFirst].reverse()) await api.state.update((tx) => tx.putJob(job));
}

const versions = async (query: string) => (await api.get(`/v1/job/web/versions?${query}`)).json<Versions>();

describe('the differences of versions', () => {
  it.each(['job_versions_diffs', 'job_versions_history', 'job_versions_auto_revert'])(
    'show what stayed beside what changed, as the wire does: %s',
    async (name) => {
      const wire = golden<Versions>(name);
      await store(wire.Versions);
      const ours = await versions('diffs=true');
      expect(ours.Diffs).toEqual(wire.Diffs);
      expect(ours.Versions.map((job) => job.Version)).toEqual(wire.Versions.map((job) => job.Version));
    },
  );

  it('are against one version, where one is named', async () => {
    const wire = golden<Versions>('job_versions_history').Versions;
    await store(wire);
    const [newest, base] = [wire[0]!.Version, wire[2]!.Version];
    const { Diffs } = await versions(`diffs=true&diff_version=${base}`);
    expect(Diffs?.map((diff) => diff.Type)).toEqual(['Edited', 'Edited', 'None', 'Edited', 'None', 'Edited']);
    await tagged(base, 'golden');
    expect((await versions('diffs=true&diff_tag=golden')).Diffs).toEqual(Diffs);
    expect((await versions(`diffs=true&diff_version=${newest}`)).Diffs?.[0]?.Type).toBe('None');
  });

  it.each([
    ['diff_version=99', 'job "web" has no version 99 to compare with'],
    ['diff_tag=nope', 'job "web" has no version tagged "nope" to compare with'],
  ])('cannot be against what is not there: %s', async (query, sentence) => {
    await store(goldenVersions());
    const reply = await api.get(`/v1/job/web/versions?diffs=true&${query}`);
    expect([reply.status, reply.body]).toEqual([500, sentence]);
  });
});

const tagged = (version: number, Name: string) =>
  api.state.update((tx) => {
    const VersionTag = { Name, Description: 'd', TaggedTime: 1 };
    tx.touchJob({ ...tx.jobVersion('default', 'web', version)!, VersionTag });
  });

describe('a tag of a version', () => {
  it('is set by its path, for the newest version unless one is named', async () => {
    const reply = await api.put('/v1/job/web/versions/golden/tag', { Description: 'best', Version: 2 });
    expect(reply.json()).toMatchObject({ Name: 'golden', TaggedTime: 5, Version: 2, Index: 29 });
    await api.put('/v1/job/web/versions/golden/tag', { Version: null });
    const of = { namespace: 'default', jobId: 'web', name: 'golden' };
    expect(api.asked).toEqual([
      ['tagJobVersion', { ...of, description: 'best', version: 2 }],
      ['tagJobVersion', { ...of, description: '' }],
    ]);
    expect((await api.put('/v1/job/web/versions/golden/tag', { Version: 'x' })).status).toBe(400);
  });

  it('is removed, whatever characters job and tag have', async () => {
    const reply = await api.del('/v1/job/team/web/versions/a%2Fb/tag');
    expect(reply.json()).toMatchObject({ Index: 29 });
    expect(api.asked).toEqual([['untagJobVersion', { namespace: 'default', jobId: 'team/web', name: 'a/b' }]]);
  });

  it('is shown with its version, and is no key of the others', async () => {
    await store(goldenVersions());
    await tagged(1, 'golden');
    const { Versions } = await versions('');
    expect(Versions.map((job) => job.VersionTag?.Name)).toEqual(['golden', undefined]);
    expect(Object.keys(Versions[1]!)).not.toContain('VersionTag');
  });
});
