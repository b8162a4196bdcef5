/** `serin marathon convert`: every app definition as a job file that says the same. */
import { describe, expect, it } from 'vitest';
import { parseJobFile } from '../jobspec/parse-job-file.ts';
import { jobOfApp } from '../marathon/app-to-job.ts';
import { appFiles } from '../marathon/fixtures.ts';
import { parseApp } from '../marathon/parse-app.ts';
import { readApp } from '../marathon/read-app.ts';
import { withServicePorts } from '../marathon/service-ports.ts';
import { canonicalizeJob } from '../model/canonicalize.ts';
import { runWords } from './testing/run-words.ts';

const OPTIONS = { datacenters: ['*'], commandDriver: 'raw_exec' };

const convert = (json: unknown, ...flags: string[]) =>
  runWords(['marathon', 'convert', ...flags], { input: JSON.stringify(json) });

describe('an app becomes a job file', () => {
  it.each(appFiles())('%s that is the job which /v2 makes of it', async (_, json) => {
    const { status, out } = await convert(json);
    expect(status).toBe(0);
    const { job, diagnostics } = parseJobFile(out, { fileName: 'x.nomad' });
    expect(diagnostics).toEqual([]);
    const app = withServicePorts(readApp(parseApp(json).input), []);
    const { versionInfo } = json as { versionInfo?: { lastConfigChangeAt: string } };
    const registered = jobOfApp(app, {
      ...OPTIONS,
      version: versionInfo?.lastConfigChangeAt ?? '1970-01-01T00:00:00.000Z',
    });
    expect(canonicalizeJob(job!)).toEqual(canonicalizeJob(registered));
  });
});

describe('convert', () => {
  it('reads as people write', async () => {
    const { out, err } = await convert({ id: '/shop/web', cmd: 'serve $PORT0', instances: 3, ports: [8000] });
    expect(err).toBe('');
    expect(out).toContain('job "shop/web" {\n  type        = "service"\n  datacenters = ["*"]\n');
    expect(out).toContain('        args    = ["-c", "serve $PORT0"]\n');
    expect(out).toContain('= "${NOMAD_HOST_PORT_port0}"\n');
  });

  it('takes what /v2 answers, its driver and its datacenters', async () => {
    const answer = { app: { id: '/web', cmd: 'x', versionInfo: { lastConfigChangeAt: '2026-01-01T00:00:00.000Z' } } };
    const { out } = await convert(answer, '-driver', 'exec', '-datacenter=a', '-datacenter=b');
    expect(out).toContain('datacenters = ["a", "b"]');
    expect(out).toContain('driver       = "exec"');
    expect(out).toMatch(/MARATHON_APP_VERSION += "2026-01-01T00:00:00.000Z"/);
  });

  it('names what is lost', async () => {
    const { err } = await convert({
      id: '/web',
      cmd: 'x',
      typo: 1,
      dependencies: ['/db'],
      killSelection: 'OLDEST_FIRST',
      labels: { HAPROXY_0_HTTP_BACKEND_REDIR: '/x' },
    });
    expect(err.split('\n')).toEqual([
      'Warning: ignored, since Marathon knows no such key: typo',
      expect.stringMatching(/^Warning: the label HAPROXY_0_HTTP_BACKEND_REDIR does nothing here: /),
      'Warning: the service port 10000 stands for 0: a server takes the first that no app has',
      'Warning: a job file has no place for dependencies: run the jobs in that order, or put the app through /v2',
      'Warning: a job file has no place for killSelection: a job stops the youngest first',
      '',
    ]);
  });

  it.each<[unknown, string]>([
    [{ id: '/web', cmd: 1 }, 'Error: Invalid JSON: /cmd: error.expected.jsstring\n'],
    [
      { id: '/web', cmd: 'x', cpus: -1, mem: -1 },
      'Error: Object is not valid: /cpus: got -1, expected 0 or more; /mem: got -1, expected 0 or more\n',
    ],
    [{ id: '/shop', groups: [] }, 'This is a group; a job file holds one job: convert each of its apps by itself.\n'],
  ])('of %j says what is wrong', async (json, err) => {
    expect(await convert(json)).toEqual({ status: 1, out: '', err });
  });
});
