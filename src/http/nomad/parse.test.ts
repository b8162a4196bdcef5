import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalizeJob } from '../../model/canonicalize.ts';
import { diffJobs } from '../../model/diff/diff-jobs.ts';
import type { JobRequest } from '../../model/job.ts';
import { goldenVersions, type TestApi, testApi } from '../fixture.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api.app.close());

const JOB = 'job "x" {\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n    }\n  }\n}\n';

it('a job file becomes the job that a client would send', async () => {
  const reply = await api.app.inject({
    method: 'POST',
    url: '/v1/jobs/parse',
    payload: JSON.stringify({ JobHCL: JOB }),
  });
  expect(reply.json()).toMatchObject({
    ID: 'x',
    TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'raw_exec' }] }],
  });
});

it('every problem is said with its place, a line each', async () => {
  const JobHCL = 'job "x" {\n  nosuch = 1\n  group "g" {\n    other = 2\n  }\n}\n';
  const reply = await api.put('/v1/jobs/parse', { JobHCL, Canonicalize: false });
  expect([reply.status, reply.headers['content-type']]).toEqual([400, 'text/plain; charset=utf-8']);
  expect(reply.body.split('\n')).toEqual([
    expect.stringMatching(/^input\.hcl:2,3-9: Unsupported argument; .*nosuch/),
    expect.stringMatching(/^input\.hcl:4,5-10: Unsupported argument; .*other/),
  ]);
});

it('a block within a single-line block is refused in the words of a real peer', async () => {
  const JobHCL = 'job "x" { group "g" { task "t" { driver="raw_exec" } } }';
  const reply = await api.put('/v1/jobs/parse', { JobHCL, Canonicalize: false });
  expect([reply.status, reply.body]).toEqual([
    400,
    'input.hcl:1,11-18: Argument definition required; A single-line block definition can contain only a single argument. If you meant to define argument "group", use an equals sign to assign it a value. To define a nested block, place it on a line of its own within its parent block.',
  ]);
});

it('a single-line block has one argument at most', async () => {
  const parse = async (update: string) => {
    const JobHCL = `job "x" {\n  ${update}\n  group "g" {\n    task "t" { driver = "mock" }\n  }\n}\n`;
    return (await api.put('/v1/jobs/parse', { JobHCL })).status;
  };
  expect(await parse('update { max_parallel = 2 }')).toBe(200);
  expect(await parse('update {}')).toBe(200);
  expect(await parse('update { max_parallel = 2 canary = 1 }')).toBe(400);
});

it('an empty one is refused', async () => {
  expect((await api.put('/v1/jobs/parse', { JobHCL: ' ' })).body).toBe('Job spec is empty');
});

describe('a version as a job file', () => {
  it('describes the same job when it is read again', async () => {
    const [newest, older] = goldenVersions();
    for (const job of [older!, newest!]) await api.state.update((tx) => tx.putJob(job));
    for (const [query, job] of [
      ['', newest!],
      [`?version=${older!.Version}`, older!],
    ] as const) {
      const { JobHCL, JobModifyIndex } = (await api.get(`/v1/job/web/hcl${query}`)).json<Written>();
      expect(JobModifyIndex).toBe(api.state.view((tx) => tx.jobVersion('default', 'web', job.Version))?.JobModifyIndex);
      const again = (await api.put('/v1/jobs/parse', { JobHCL })).json<JobRequest>();
      expect(diffJobs(canonicalizeJob(job as JobRequest).job, canonicalizeJob(again).job).Type).toBe('None');
    }
  });

  it('that is not kept is missing', async () => {
    expect((await api.get('/v1/job/web/hcl?version=99')).status).toBe(404);
    expect((await api.get('/v1/job/nope/hcl')).status).toBe(404);
  });
});

interface Written {
  readonly JobHCL: string;
  readonly JobModifyIndex: number;
}
