/** `job status`: the list of jobs, or one job with all that it became. */
import type { Command, CommandContext } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatJobHead, formatJobList, formatJobStatus, type JobStatus } from '../format/job.ts';
import { findJob } from '../lookup.ts';

export interface JobStatusOptions {
  readonly short: boolean;
  readonly evals: boolean;
  readonly allAllocs: boolean;
  readonly verbose: boolean;
}

export const command: Command = async (context, [prefix], flags) => {
  if (prefix === undefined) return printJobs(context);
  const job = await findJob(context, prefix);
  return printJobStatus(context, job.ID, {
    short: flags.is('short'),
    evals: flags.is('evals'),
    allAllocs: flags.is('all-allocs'),
    verbose: flags.is('verbose'),
  });
};

export async function printJobs(context: CommandContext): Promise<number> {
  const { data } = await explaining('Error querying jobs', context.client.jobs.list());
  context.terminal.print(formatJobList(data));
  return 0;
}

export async function printJobStatus(context: CommandContext, id: string, options: JobStatusOptions): Promise<number> {
  const { jobs } = context.client;
  const work = options.short
    ? jobs.read(id).then(({ data }) => formatJobHead(data))
    : wholeStatus(context, id, options);
  context.terminal.print(await explaining('Error querying job', work));
  return 0;
}

async function wholeStatus(context: CommandContext, id: string, options: JobStatusOptions): Promise<string> {
  const view = { nowMs: context.clock.nowMs(), verbose: options.verbose };
  const status = await readStatus(context, id, options.allAllocs);
  const withEvaluations = options.evals || options.verbose;
  return formatJobStatus(status, view, context.terminal.style, { withEvaluations });
}

async function readStatus(context: CommandContext, id: string, all: boolean): Promise<JobStatus> {
  const { jobs } = context.client;
  const [job, summary, evaluations, deployment, allocations] = await Promise.all([
    jobs.read(id),
    jobs.summary(id),
    jobs.evaluations(id),
    jobs.deployment(id),
    jobs.allocations(id, { all }),
  ]);
  return {
    job: job.data,
    summary: summary.data,
    evaluations: evaluations.data ?? [],
    deployment: deployment.data,
    allocations: allocations.data ?? [],
  };
}
