/** /v1/job/:id/revert, /stable, /scale and the tags of versions: changes of a job that is registered already. */
import { SerinError } from '../../lib/errors.ts';
import { type Allocation, isDesiredTerminal } from '../../model/allocation.ts';
import type { Job } from '../../model/job.ts';
import type { JobChangeResult } from '../../server/operations.ts';
import type { Change, ReadTx } from '../../state/types.ts';
import { type Answer, found, missing, written } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import { type Body, bodyOf, isObject, textOf } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import { newestIndex } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { idOf, ofJob } from './job-reads.ts';
import { writeMeta } from './write-meta.ts';

export const jobChangeRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/job/:id/revert', PUT: (call) => revert(deps, call) },
  { path: '/v1/job/:id/stable', PUT: (call) => stable(deps, call) },
  { path: '/v1/job/:id/versions/:tag/tag', PUT: (call) => tag(deps, call), DELETE: (call) => untag(deps, call) },
  { path: '/v1/job/:id/scale', GET: (call) => scaleStatus(deps, call), PUT: (call) => scale(deps, call) },
];

async function revert({ server }: HttpDeps, call: Call): Promise<Answer> {
  const body = bodyOf(call);
  const enforced = body.EnforcePriorVersion;
  const result = await server.revertJob({
    namespace: call.query.namespace,
    jobId: jobIdOf(body, call),
    version: numberIn(body, 'JobVersion'),
    ...(enforced != null && { enforcePriorVersion: numberIn(body, 'EnforcePriorVersion') }),
  });
  return registered(result);
}

async function stable({ server }: HttpDeps, call: Call): Promise<Answer> {
  const body = bodyOf(call);
  if (typeof body.JobStable !== 'boolean') throw new SerinError('badRequest', 'JobStable must be true or false');
  const { JobModifyIndex, Index } = await server.setJobStability({
    namespace: call.query.namespace,
    jobId: jobIdOf(body, call),
    version: numberIn(body, 'JobVersion'),
    stable: body.JobStable,
  });
  return written({ JobModifyIndex, ...writeMeta(Index) }, Index);
}

async function tag({ server }: HttpDeps, call: Call): Promise<Answer> {
  const body = bodyOf(call);
  const { Index, ...tagged } = await server.tagJobVersion({
    ...tagOf(call),
    description: textOf(body.Description),
    ...(body.Version != null && { version: numberIn(body, 'Version') }),
  });
  return written({ ...tagged, ...writeMeta(Index) }, Index);
}

async function untag({ server }: HttpDeps, call: Call): Promise<Answer> {
  const { Index } = await server.untagJobVersion(tagOf(call));
  return written(writeMeta(Index), Index);
}

const tagOf = (call: Call) => ({ namespace: call.query.namespace, jobId: idOf(call), name: call.params.tag ?? '' });

async function scale({ server }: HttpDeps, call: Call): Promise<Answer> {
  const body = bodyOf(call);
  const group = isObject(body.Target) ? textOf(body.Target.Group) : '';
  if (group === '') throw new SerinError('badRequest', 'Target.Group must name the task group to scale');
  const result = await server.scaleJob({
    namespace: call.query.namespace,
    jobId: idOf(call),
    group,
    count: numberIn(body, 'Count'),
  });
  return registered(result);
}

function registered({ EvalID, EvalCreateIndex, JobModifyIndex, Index }: JobChangeResult): Answer {
  return written({ EvalID, EvalCreateIndex, JobModifyIndex, Warnings: '', ...writeMeta(Index) }, Index);
}

function scaleStatus(deps: HttpDeps, call: Call): Promise<Answer> {
  const { namespace } = call.query;
  const relevant = (change: Change) => ofJob('ID', call)(change) || ofJob('JobID', call)(change);
  return answerRead(deps, call, { tables: ['jobs', 'allocs', 'deployments'], relevant }, (tx) => {
    const job = tx.job(namespace, idOf(call));
    if (!job) return missing(tx.tableIndex('jobs'), 'job not found');
    const allocs = tx.allocsByJob(namespace, job.ID);
    return found(newestIndex(allocs, job.ModifyIndex), scaleView(tx, job, allocs));
  });
}

function scaleView(tx: ReadTx, job: Job, allocs: readonly Allocation[]): object {
  const deployment = tx.deploymentsByJob(job.Namespace, job.ID)[0];
  const groups = job.TaskGroups.map(({ Name, Count }) => {
    const wanted = allocs.filter((alloc) => alloc.TaskGroup === Name && !isDesiredTerminal(alloc));
    const state = deployment?.TaskGroups[Name];
    const view = {
      Desired: Count,
      Placed: wanted.length,
      Running: wanted.filter((alloc) => alloc.ClientStatus === 'running').length,
      Healthy: state?.HealthyAllocs ?? 0,
      Unhealthy: state?.UnhealthyAllocs ?? 0,
      Events: null,
    };
    return [Name, view];
  });
  return {
    JobID: job.ID,
    Namespace: job.Namespace,
    JobCreateIndex: job.CreateIndex,
    JobModifyIndex: job.ModifyIndex,
    JobStopped: job.Stop,
    TaskGroups: Object.fromEntries(groups),
  };
}

function jobIdOf(body: Body, call: Call): string {
  const named = textOf(body.JobID);
  if (named !== '' && named !== idOf(call)) throw new SerinError('badRequest', 'Job ID does not match');
  return idOf(call);
}

function numberIn(body: Body, field: string): number {
  const value = body[field];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new SerinError('badRequest', `${field} must be a whole number, 0 or more`);
}
