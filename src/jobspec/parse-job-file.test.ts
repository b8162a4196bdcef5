/** The whole way from text to the wire, against what a real peer printed for the same files. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJobFile } from './parse-job-file.ts';
import { renderDiagnostics } from './render-diagnostics.ts';

const FOLDER = new URL('../../testdata/jobspec/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');
const names = readdirSync(FOLDER);
const goldens = names.filter((name) => name.endsWith('.json') && names.includes(name.replace('.json', '.nomad')));

describe('a job file becomes what the peer sends for it', () => {
  it.each(goldens)('%s', (golden) => {
    const fileName = golden.replace('.json', '.nomad');
    const { job, diagnostics } = parseJobFile(read(fileName), { fileName });
    expect(renderDiagnostics(diagnostics)).toBe('');
    expect({ Job: job }).toStrictEqual(JSON.parse(read(golden)));
  });
});

const wrong = names.filter((name) => name.endsWith('.err'));

describe('the first line for a wrong file is the one that the peer prints', () => {
  it.each(wrong)('%s', (golden) => {
    const fileName = golden.replace('.err', '.nomad');
    const { job, diagnostics } = parseJobFile(read(fileName), { fileName });
    expect(job).toBeUndefined();
    expect(renderDiagnostics(diagnostics).split('\n')[0]).toBe(read(golden).trimEnd().split('\n').at(-1));
  });
});
