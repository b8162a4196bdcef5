/** /v1/job/:id: reading, registering, stopping, planning and evaluating one job. */
import { type Answer, found, json, missing, written } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import { bodyOf, isObject } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import type { Call, Route } from '../route.ts';
import { idOf, ofJob } from './job-reads.ts';
import { jobInBody } from './job-request.ts';
import { register } from './register.ts';
import { writeMeta } from './write-meta.ts';

export const jobRoutes = (deps: HttpDeps): readonly Route[] => [
  {
    path: '/v1/job/:id',
    GET: (call) => read(deps, call),
    PUT: (call) => register(deps.server, call, idOf(call)),
    DELETE: (call) => deregister(deps, call),
  },
  { path: '/v1/job/:id/plan', PUT: (call) => plan(deps, call) },
  { path: '/v1/job/:id/evaluate', PUT: (call) => evaluate(deps, call) },
];

function read(deps: HttpDeps, call: Call): Promise<Answer> {
  const { namespace } = call.query;
  return answerRead(deps, call, { tables: ['jobs'], relevant: ofJob('ID', call) }, (tx) => {
    const job = tx.job(namespace, idOf(call));
    return job ? found(job.ModifyIndex, job) : missing(tx.tableIndex('jobs'), 'job not found');
  });
}

async function deregister({ server }: HttpDeps, call: Call): Promise<Answer> {
  const { query } = call;
  const { EvalID, EvalCreateIndex, JobModifyIndex, Index } = await server.deregisterJob(query.namespace, idOf(call), {
    purge: query.flag('purge'),
  });
  const body = { EvalID, EvalCreateIndex, JobModifyIndex, VolumeEvalID: '', VolumeEvalIndex: 0, ...writeMeta(Index) };
  return written(body, Index);
}

async function plan({ server }: HttpDeps, call: Call): Promise<Answer> {
  const body = bodyOf(call);
  const { Index, ...result } = await server.planJob({
    Job: jobInBody(body, call, idOf(call)),
    Diff: body.Diff === true,
    ...(typeof body.RevertOf === 'number' && { RevertOf: body.RevertOf }),
  });
  return json({ ...result, ...writeMeta(Index) }, { 'X-Nomad-Index': String(Index) });
}

async function evaluate({ server, state }: HttpDeps, call: Call): Promise<Answer> {
  const options = bodyOf(call).EvalOptions;
  const forceReschedule = isObject(options) && options.ForceReschedule === true;
  const { namespace } = call.query;
  const { EvalID, EvalCreateIndex, Index } = await server.evaluateJob(namespace, idOf(call), { forceReschedule });
  const JobModifyIndex = state.view((tx) => tx.job(namespace, idOf(call))?.JobModifyIndex ?? 0);
  return written({ EvalID, EvalCreateIndex, JobModifyIndex, Warnings: '', ...writeMeta(Index) }, Index);
}
