/** /v1/jobs: the list, registration, parsing; /v1/validate/job. */
import { SerinError } from '../../lib/errors.ts';
import type { Allocation } from '../../model/allocation.ts';
import { renderErrors, renderWarnings } from '../../model/error-tree.ts';
import type { Job, JobRequest } from '../../model/job.ts';
import { jobStub } from '../../model/job-stub.ts';
import type { JobSummary } from '../../model/job-summary.ts';
import type { Change, ReadTx } from '../../state/types.ts';
import { json, type ReadAnswer, rows } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import { bodyOf, textOf } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import { inNamespace, newestIndex, pageOf } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { jobInBody } from './job-request.ts';
import { parseJobText } from './parse-job.ts';
import { register } from './register.ts';

export const jobsRoutes = (deps: HttpDeps): readonly Route[] => [
  {
    path: '/v1/jobs',
    GET: (call) =>
      answerRead(deps, call, { tables: ['jobs', 'allocs'], relevant: isListed }, (tx) => listJobs(tx, call)),
    PUT: (call) => register(deps.server, call),
  },
  { path: '/v1/jobs/parse', PUT: (call) => parse(deps, call) },
  { path: '/v1/validate/job', PUT: (call) => validate(deps, call) },
];

/** Of allocations the list shows the counts by status only. */
function isListed({ table, before, after }: Change): boolean {
  const [was, is] = [before, after] as [Allocation | undefined, Allocation | undefined];
  return table !== 'allocs' || was?.ClientStatus !== is?.ClientStatus;
}

interface JobRow {
  readonly job: Job;
  readonly summary: JobSummary | undefined;
}

function listJobs(tx: ReadTx, call: Call): ReadAnswer {
  const { query } = call;
  const page = pageOf(
    tx.jobs(),
    query,
    (job) => job.ID,
    (job) => inNamespace(query, job) && job.ID.startsWith(query.prefix),
  );
  const list = page.rows.map((job): JobRow => ({ job, summary: tx.jobSummary(job.Namespace, job.ID) }));
  const index = Math.max(tx.tableIndex('jobs'), newestIndex(summariesOf(list), 0));
  return { index, answer: rows(list, ({ job, summary }) => jobStub(job, summary), page.nextToken) };
}

const summariesOf = (list: readonly JobRow[]): JobSummary[] =>
  list.flatMap(({ summary }) => (summary === undefined ? [] : [summary]));

/** The job that a job file describes; with Canonicalize, as it would be stored. */
async function parse({ server }: HttpDeps, call: Call) {
  const body = bodyOf(call);
  const hcl = textOf(body.JobHCL);
  if (hcl.trim() === '') throw new SerinError('badRequest', 'Job spec is empty');
  const job: JobRequest = await parseJobText(hcl);
  return json(body.Canonicalize === true ? server.validateJob(job).job : job);
}

function validate({ server }: HttpDeps, call: Call) {
  const { errors, warnings } = server.validateJob(jobInBody(bodyOf(call), call));
  return json({
    DriverConfigValidated: true,
    ValidationErrors: errors.length === 0 ? null : errors,
    Error: renderErrors({ message: '', children: errors.map((message) => ({ message, children: [] })) }),
    Warnings: renderWarnings(warnings),
  });
}
