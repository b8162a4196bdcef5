/** The job in a request's body, checked for what must hold before the server looks at it. */
import { SerinError } from '../../lib/errors.ts';
import type { JobRequest } from '../../model/job.ts';
import { type Body, isObject } from '../body.ts';
import type { Call } from '../route.ts';

/** `pathId`: the id in the path, where there is one. The query's namespace counts where the job names none. */
export function jobInBody(body: Body, call: Call, pathId?: string): JobRequest {
  const job = body.Job;
  if (!isObject(job)) throw new SerinError('badRequest', 'Job must be specified');
  if (typeof job.ID !== 'string' || job.ID === '') throw new SerinError('badRequest', "Job ID hasn't been provided");
  if (pathId !== undefined && job.ID !== pathId) throw new SerinError('badRequest', 'Job ID does not match');
  return job.Namespace ? job : { ...job, Namespace: call.query.namespace };
}
