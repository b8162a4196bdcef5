/** What can be read below /v1/job/:id. Lists wait for changes of this job's rows only. */

import { SerinError } from '../../lib/errors.ts';
import { allocStub } from '../../model/alloc-view.ts';
import type { Deployment } from '../../model/deployment.ts';
import { diffJobs } from '../../model/diff/diff-jobs.ts';
import { evaluationView } from '../../model/evaluation-view.ts';
import type { Job } from '../../model/job.ts';
import type { Change, ReadTx } from '../../state/types.ts';
import { type Answer, found, json, missing, type ReadAnswer, rows } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import type { HttpDeps } from '../deps.ts';
import { newestIndex } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { deploymentAnswer, explainedDeploymentAnswer } from './deployment-answer.ts';
import { jobLookup } from './job-lookup.ts';
import { writeMeta } from './write-meta.ts';

export const jobReadRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/job/:id/versions', GET: (call) => versions(deps, call) },
  { path: '/v1/job/:id/hcl', GET: (call) => jobFile(deps, call) },
  { path: '/v1/job/:id/summary', GET: (call) => summary(deps, call) },
  { path: '/v1/job/:id/allocations', GET: (call) => allocations(deps, call) },
  { path: '/v1/job/:id/evaluations', GET: (call) => evaluations(deps, call) },
  { path: '/v1/job/:id/deployments', GET: (call) => deployments(deps, call) },
  { path: '/v1/job/:id/deployment', GET: (call) => latestDeployment(deps, call) },
];

export const idOf = (call: Call): string => call.params.id ?? '';

/** Whether a change is of the job that the call is about; `key` is the row's field that names the job. */
export function ofJob(key: 'ID' | 'JobID', call: Call): (change: Change) => boolean {
  const { namespace } = call.query;
  const id = idOf(call);
  return ({ before, after }) => {
    const row = (after ?? before) as { readonly Namespace: string; readonly ID?: string; readonly JobID?: string };
    return row.Namespace === namespace && row[key] === id;
  };
}

function versions(deps: HttpDeps, call: Call): Promise<Answer> {
  return answerRead(deps, call, { tables: ['jobs', 'jobVersions'], relevant: ofJob('ID', call) }, (tx) => {
    const jobs = tx.jobVersions(call.query.namespace, idOf(call));
    const newest = jobs[0];
    if (newest === undefined) return missing(tx.tableIndex('jobs', 'jobVersions'), 'job versions not found');
    const index = newestIndex(jobs, newest.ModifyIndex);
    const Diffs = call.query.flag('diffs') ? diffsOf(jobs, baseOf(jobs, call)) : null;
    return found(index, { Versions: jobs, Diffs, ...writeMeta(index), KnownLeader: true });
  });
}

/** Ours: a version as a job file, which runs it again. The writer is loaded at the first one, as the parser is. */
async function jobFile(deps: HttpDeps, call: Call): Promise<Answer> {
  const { encodeJob } = await import('../../jobspec/encode/encode-job.ts');
  const { leanJob } = await import('../../jobspec/encode/lean-job.ts');
  return answerRead(deps, call, { tables: ['jobs', 'jobVersions'], relevant: ofJob('ID', call) }, (tx) => {
    const { namespace } = call.query;
    const version = call.query.text('version') ?? '';
    const job = version === '' ? tx.job(namespace, idOf(call)) : tx.jobVersion(namespace, idOf(call), Number(version));
    if (job === undefined) return missing(tx.tableIndex('jobs', 'jobVersions'), 'job not found');
    return found(job.ModifyIndex, { JobHCL: encodeJob(leanJob(job)), JobModifyIndex: job.JobModifyIndex });
  });
}

/** The version that all are compared with, where one is named by number or tag. */
function baseOf(jobs: readonly Job[], call: Call): Job | undefined {
  const version = call.query.text('diff_version') ?? '';
  const tag = call.query.text('diff_tag') ?? '';
  if (version === '' && tag === '') return undefined;
  const base = jobs.find((job) => (tag === '' ? String(job.Version) === version : job.VersionTag?.Name === tag));
  if (base) return base;
  throw new SerinError(
    'lookupFailed',
    `job "${idOf(call)}" has no version ${tag === '' ? version : `tagged "${tag}"`} to compare with`,
  );
}

/** Each version against the one before it, of which the oldest has none; or each against one and the same. */
function diffsOf(newestFirst: readonly Job[], base: Job | undefined): unknown[] {
  if (base) return newestFirst.map((job) => diffJobs(base, job));
  return newestFirst.slice(0, -1).map((job, at) => diffJobs(newestFirst[at + 1], job));
}

function summary(deps: HttpDeps, call: Call): Promise<Answer> {
  const relevant = (change: Change) => ofJob('ID', call)(change) || ofJob('JobID', call)(change);
  return answerRead(deps, call, { tables: ['jobs', 'allocs', 'evals'], relevant }, (tx) => {
    const { namespace } = call.query;
    const row = tx.job(namespace, idOf(call)) && tx.jobSummary(namespace, idOf(call));
    return row ? found(row.ModifyIndex, row) : missing(tx.tableIndex('jobs'), 'job not found');
  });
}

function allocations(deps: HttpDeps, call: Call): Promise<Answer> {
  return answerRead(deps, call, { tables: ['allocs'], relevant: ofJob('JobID', call) }, (tx) => {
    const { createIndex, isAll } = incarnation(tx, call);
    const list = tx
      .allocsByJob(call.query.namespace, idOf(call))
      .filter((alloc) => isAll || alloc.CreateIndex >= createIndex);
    const jobs = jobLookup(tx, list);
    const answer = rows(list, (alloc) => allocStub(alloc, jobs(alloc)));
    return { index: newestIndex(list, tx.tableIndex('allocs')), answer };
  });
}

function evaluations(deps: HttpDeps, call: Call): Promise<Answer> {
  return answerRead(deps, call, { tables: ['evals'], relevant: ofJob('JobID', call) }, (tx) => {
    const list = tx.evaluationsByJob(call.query.namespace, idOf(call));
    return { index: newestIndex(list, tx.tableIndex('evals')), answer: rows(list, evaluationView) };
  });
}

function deployments(deps: HttpDeps, call: Call): Promise<Answer> {
  return answerRead(deps, call, { tables: ['deployments'], relevant: ofJob('JobID', call) }, (tx) => {
    const list = ofIncarnation(tx, call);
    return {
      index: newestIndex(list, tx.tableIndex('deployments')),
      answer: json(list.map((each) => deploymentAnswer(tx, deps, each))),
    };
  });
}

/**
 * A job that was purged and registered again is another job of the same id: what was the earlier one's is shown where
 * `?all=true` asks for it, and while there is no job of that id at all.
 */
function incarnation(tx: ReadTx, call: Call): { readonly createIndex: number; readonly isAll: boolean } {
  const job = tx.job(call.query.namespace, idOf(call));
  return { createIndex: job?.CreateIndex ?? 0, isAll: job === undefined || call.query.flag('all') };
}

function ofIncarnation(tx: ReadTx, call: Call): readonly Deployment[] {
  const { createIndex, isAll } = incarnation(tx, call);
  const list = tx.deploymentsByJob(call.query.namespace, idOf(call));
  return isAll ? list : list.filter((deployment) => deployment.CreateIndex >= createIndex);
}

function latestDeployment(deps: HttpDeps, call: Call): Promise<Answer> {
  return answerRead(deps, call, { tables: ['deployments'], relevant: ofJob('JobID', call) }, (tx) =>
    latest(tx, deps, call),
  );
}

function latest(tx: ReadTx, deps: HttpDeps, call: Call): ReadAnswer {
  const newest = ofIncarnation(tx, call)[0];
  return newest
    ? found(newest.ModifyIndex, explainedDeploymentAnswer(tx, deps, newest))
    : found(tx.tableIndex('deployments'), null);
}
