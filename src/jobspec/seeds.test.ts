/** The job files in the users' own documents, as they stand there; `...` means "and so on". */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from '../model/canonicalize.ts';
import { parseJobFile } from './parse-job-file.ts';
import { renderDiagnostics } from './render-diagnostics.ts';

const FOLDER = new URL('../../testdata/jobspec/seeds/', import.meta.url);

function jobOf(fileName: string) {
  const text = readFileSync(new URL(fileName, FOLDER), 'utf8').replace(/^\s*\.\.\.$/gm, '');
  const whole = text.startsWith('update') ? `job "fragment" {\n${text}}\n` : text;
  const { job, diagnostics } = parseJobFile(whole, { fileName });
  expect(renderDiagnostics(diagnostics)).toBe('');
  expect(canonicalizeJob(job!).problems).toEqual([]);
  return job!;
}

describe('a document of a user', () => {
  it.each(readdirSync(FOLDER))('%s is read without a word', (fileName) => {
    expect(jobOf(fileName)).toBeDefined();
  });

  it('1: a stagger of 30 s is the least time between batches of one', () => {
    expect(jobOf('1-nomad-updating-jobs-1.nomad').Update).toMatchObject({ BatchInterval: 30e9, MaxParallel: 1 });
  });

  it('1: green and blue are two groups', () => {
    const groups = jobOf('1-nomad-updating-jobs-3.nomad').TaskGroups;
    expect(groups).toMatchObject([
      { Name: 'api-green', Count: 0, Tasks: [{ Config: { image: 'api-server:v1' } }] },
      { Name: 'api-blue', Count: 10, Tasks: [{ Config: { image: 'api-server:v2' } }] },
    ]);
  });

  it('2: the group keeps its own update', () => {
    expect(jobOf('2-nomad-rolling-upgrades-1.nomad').TaskGroups).toMatchObject([
      { Name: 'api-server', Count: 6, Update: { MaxParallel: 2, MinHealthyTime: 30e9, HealthyDeadline: 600e9 } },
    ]);
  });
});

it('the example that newcomers run is a valid job, in every version', () => {
  const fileName = 'web.nomad.hcl';
  const text = readFileSync(new URL(`../../examples/${fileName}`, import.meta.url), 'utf8');
  const { job, diagnostics } = parseJobFile(text, { fileName, variables: { version: 'v2' } });
  expect(renderDiagnostics(diagnostics)).toBe('');
  const canonical = canonicalizeJob(job!);
  expect(canonical.problems).toEqual([]);
  expect(canonical.job.TaskGroups[0]!.Tasks[0]!.Env).toEqual({ VERSION: 'v2' });
});
