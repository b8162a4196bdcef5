/** The text of a job file as the job that a client would send; what is wrong with it, a line for each problem. */

import { parseJobFile } from '../../jobspec/parse-job-file.ts';
import { headline } from '../../jobspec/render-diagnostics.ts';
import { SerinError } from '../../lib/errors.ts';
import type { JobRequest } from '../../model/job.ts';

/** No file is read for it and no environment asked: the text comes from elsewhere. */
export function parseJobText(text: string): JobRequest {
  const { job, diagnostics } = parseJobFile(text, { fileName: 'input.hcl' });
  if (job !== undefined) return job;
  throw new SerinError('badRequest', diagnostics.map(headline).join('\n'));
}
