/** The rows as the API shows them until the views of the model take over: joined with their job, without secrets. */
import type { Allocation } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import type { JobSummary } from '../model/job-summary.ts';
import type { Node } from '../model/node.ts';

export const allocStub = (alloc: Allocation, job: Job | undefined, _o?: object): object => ({
  ...alloc,
  JobType: job?.Type,
});
export const allocView = (alloc: Allocation, job: Job | undefined, _node: Node | undefined): object => ({
  ...alloc,
  Job: job,
});
export const jobStub = (job: Job, summary: JobSummary | undefined): object => ({ ...job, JobSummary: summary });
export const deploymentView = (d: Deployment): object => d;
export const evaluationView = (d: Evaluation): object => d;
export const nodeView = ({ SecretID: _s, ...n }: Node): object => n;
export const nodeStub = (n: Node, _o?: object): object => nodeView(n);
