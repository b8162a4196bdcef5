/**
 * A job as a job file: what `parse-job-file.ts` reads is the same job again. What no job file can say (the server's own
 * fields, the app of Marathon) is left out.
 */
import type { JobRequest } from '../../model/job.ts';
import { jobFile } from '../decode/job-schema.ts';
import type { Wire } from '../decode/schema.ts';
import { encodeBlock } from './encode-block.ts';

export const encodeJob = (job: JobRequest): string =>
  `${encodeBlock('job', job as Wire, jobFile.blocks.job!.schema, 0).join('\n')}\n`;
