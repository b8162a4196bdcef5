/** Test data: what a real peer answered to plans of one rich job (testdata/model/plans.jsonl.gz). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Job, JobRequest } from './job.ts';
import type { JobDiff, PlanAnnotations } from './plan.ts';

export interface PlanGolden {
  readonly n: number;
  readonly name: string;
  readonly status: number;
  readonly request: { readonly Job: JobRequest };
  readonly response: PlanAnswer | string;
}

export interface PlanAnswer {
  readonly Annotations: PlanAnnotations;
  readonly Diff: JobDiff;
  readonly Warnings: string;
}

const FOLDER = new URL('../../testdata/model/', import.meta.url);

export function readPlanGoldens(): PlanGolden[] {
  const lines = gunzipSync(readFileSync(new URL('plans.jsonl.gz', FOLDER)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as PlanGolden);
}

/** The job that runs in all scenarios but the first. */
export function readRunningJob(): Job {
  return JSON.parse(readFileSync(new URL('canonical/rich.canonical.json', FOLDER), 'utf8')) as Job;
}
