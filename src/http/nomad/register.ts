/** Registering a job, under both of its paths. */
import type { ServerOperations } from '../../server/operations.ts';
import { type Answer, written } from '../answer.ts';
import { bodyOf } from '../body.ts';
import type { Call } from '../route.ts';
import { jobInBody } from './job-request.ts';
import { writeMeta } from './write-meta.ts';

export async function register(server: ServerOperations, call: Call, pathId?: string): Promise<Answer> {
  const body = bodyOf(call);
  const result = await server.registerJob({
    Job: jobInBody(body, call, pathId),
    EnforceIndex: body.EnforceIndex === true,
    JobModifyIndex: typeof body.JobModifyIndex === 'number' ? body.JobModifyIndex : 0,
    PreserveCounts: body.PreserveCounts === true,
  });
  const { EvalID, EvalCreateIndex, JobModifyIndex, Warnings, Index } = result;
  return written({ EvalID, EvalCreateIndex, JobModifyIndex, Warnings, ...writeMeta(Index) }, Index);
}
