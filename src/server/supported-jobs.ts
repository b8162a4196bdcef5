/** Kinds of jobs that the wire knows and this server does not run: said at submit, not found out later. */
import { type ErrorTree, wrongIf } from '../model/error-tree.ts';
import type { Job } from '../model/job.ts';

export function unsupportedKinds(job: Job): ErrorTree[] {
  return [
    ...wrongIf(
      job.Type === 'system' || job.Type === 'sysbatch',
      `Serin does not run jobs of type "${job.Type}": use type "service" with a count, or "batch"`,
    ),
    ...wrongIf(
      job.Periodic !== null && isEnabled(job.Periodic),
      'Serin does not launch periodic jobs: remove the "periodic" block, and let cron run `serin job run` instead',
    ),
    ...wrongIf(
      job.ParameterizedJob !== null && job.ParameterizedJob !== undefined,
      'Serin does not dispatch parameterized jobs: remove the "parameterized" block, and register a job for each run',
    ),
  ];
}

const isEnabled = (periodic: unknown): boolean =>
  (periodic as { readonly Enabled?: boolean } | undefined)?.Enabled === true;
