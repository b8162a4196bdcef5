/** The status of a job follows from its allocations and evaluations; it is never set by hand. */
import { isClientTerminal } from '../model/allocation.ts';
import type { Job, JobStatus } from '../model/job.ts';
import type { ReadTx, WriteTx } from '../state/types.ts';

export function jobStatus(tx: ReadTx, job: Job): JobStatus {
  const allocs = tx.allocsByJob(job.Namespace, job.ID);
  if (allocs.some((alloc) => !isClientTerminal(alloc))) return 'running';
  if (job.Stop) return 'dead';
  const evals = tx.evaluationsByJob(job.Namespace, job.ID);
  if (evals.some((evaluation) => evaluation.Status === 'pending' || evaluation.Status === 'blocked')) return 'pending';
  return allocs.length > 0 || evals.length > 0 ? 'dead' : 'pending';
}

/** Writes the status where it has changed. Call it in the transaction that changed allocations or evaluations. */
export function refreshJobStatus(tx: WriteTx, namespace: string, jobId: string): void {
  const job = tx.job(namespace, jobId);
  if (!job) return;
  const status = jobStatus(tx, job);
  if (status !== job.Status) tx.touchJob({ ...job, Status: status });
}
