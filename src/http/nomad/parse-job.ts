/** The text of a job file as the job that a client would send; what is wrong with it, a line for each problem. */
import { SerinError } from '../../lib/errors.ts';
import type { JobRequest } from '../../model/job.ts';

/**
 * No file is read for it and no environment asked: the text comes from elsewhere. The parser is loaded at the first
 * one: an agent starts a third faster without it, and most clients parse their files themselves.
 */
export async function parseJobText(text: string): Promise<JobRequest> {
  const { parseJobFile } = await import('../../jobspec/parse-job-file.ts');
  const { headline } = await import('../../jobspec/render-diagnostics.ts');
  const { job, diagnostics } = parseJobFile(text, { fileName: 'input.hcl' });
  if (job !== undefined) return job;
  throw new SerinError('badRequest', diagnostics.map(headline).join('\n'));
}
