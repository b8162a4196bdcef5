/** Written and read again, a job is the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from '../../model/canonicalize.ts';
import type { JobRequest } from '../../model/job.ts';
import { parseJobFile } from '../parse-job-file.ts';
import { renderDiagnostics } from '../render-diagnostics.ts';
import { encodeJob } from './encode-job.ts';

const FOLDER = new URL('../../../testdata/jobspec/', import.meta.url);

function parse(text: string): JobRequest {
  const { job, diagnostics } = parseJobFile(text, { fileName: 'x.nomad' });
  expect(renderDiagnostics(diagnostics), text).toBe('');
  return job!;
}

const canonical = (job: JobRequest) => canonicalizeJob(job).job;

/** Files with a mistake have another test. */
const READABLE = ['./', './seeds/']
  .flatMap((folder) => readdirSync(new URL(folder, FOLDER)).map((name) => folder + name))
  .filter((name) => name.endsWith('.nomad'))
  .map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')] as const)
  .filter(([, text]) => parseJobFile(text, { fileName: 'x' }).diagnostics.length === 0);

describe('a job file', () => {
  it('of which many are tried', () => {
    expect(READABLE.length).toBeGreaterThan(30);
  });

  it.each(READABLE)('%s', (_, text) => {
    const job = parse(text);
    const again = parse(encodeJob(job));
    expect(again).toEqual(job);
    expect(canonical(again)).toEqual(canonical(job));
  });
});

it('with every kind of row', () => {
  const job = parse(readFileSync(new URL('../encode/every-row.nomad', FOLDER), 'utf8'));
  const text = encodeJob(job);
  expect(parse(text)).toEqual(job);
  expect(encodeJob(parse(text))).toBe(text);
});

it('reads as people write', () => {
  const job = {
    ID: 'shop/web',
    Name: 'shop/web',
    Datacenters: ['*'],
    TaskGroups: [
      {
        Name: 'web',
        Networks: [{ Mode: 'host', DynamicPorts: [{ Label: 'http', Value: 0, To: 0 }] }],
        Tasks: [
          {
            Name: 'web',
            Driver: 'raw_exec',
            Config: { command: '/bin/sh', args: ['-c', 'a "b"\n${x} ${NOMAD_PORT_http} $${attr.y}'] },
            Env: { 'a.b': '%{c}' },
            KillTimeout: 3600e9,
          },
        ],
      },
    ],
  };
  expect(encodeJob(job)).toBe(readFileSync(new URL('../encode/as-people-write.nomad', FOLDER), 'utf8'));
  expect(canonical(parse(encodeJob(job)))).toEqual(canonical(job));
});
