/** Jobs: /v1/jobs, /v1/job/:id and what hangs below it. */
import type { Job, JobRequest } from '../model/job.ts';
import type { JobSummary } from '../model/job-summary.ts';
import type { Read, ReadOptions, Requester } from './requester.ts';
import type {
  AllocStub,
  DeploymentView,
  EvalCreated,
  EvalView,
  JobStub,
  PlanView,
  RegisterView,
  TagView,
  ValidateView,
  VersionsView,
} from './views.ts';

export interface RegisterOptions {
  /** Register only if the job's JobModifyIndex is this one; 0: only if there is no such job. */
  readonly enforceIndex?: number | undefined;
  readonly preserveCounts?: boolean;
}

export interface JobsApi {
  list(prefix?: string, options?: ReadOptions): Promise<Read<JobStub[]>>;
  read(id: string, options?: ReadOptions): Promise<Read<Job>>;
  register(job: JobRequest, options?: RegisterOptions): Promise<RegisterView>;
  /** `revertOf`: as going back to that version would have it (ours). */
  plan(job: JobRequest, options: { readonly diff: boolean; readonly revertOf?: number | undefined }): Promise<PlanView>;
  validate(job: JobRequest): Promise<ValidateView>;
  deregister(id: string, options?: { readonly purge?: boolean }): Promise<EvalCreated>;
  evaluate(id: string, options?: { readonly forceReschedule?: boolean }): Promise<EvalCreated>;
  /** `enforcePriorVersion`: only if this is the version that the job has now. */
  revert(
    id: string,
    version: number,
    options?: { readonly enforcePriorVersion?: number | undefined },
  ): Promise<RegisterView>;
  scale(id: string, group: string, count: number): Promise<RegisterView>;
  /** `against`: the version, by number or tag, with which each is compared; else each with the one before it. */
  versions(
    id: string,
    options?: {
      readonly diffs?: boolean;
      readonly against?: { readonly version?: string | undefined; readonly tag?: string | undefined };
    },
  ): Promise<Read<VersionsView>>;
  tagVersion(
    id: string,
    tag: { readonly name: string; readonly description: string; readonly version?: number | undefined },
  ): Promise<TagView>;
  untagVersion(id: string, name: string): Promise<void>;
  /** Ours: as a job file; the newest version unless one is named. */
  hcl(id: string, version?: number): Promise<Read<{ readonly JobHCL: string }>>;
  /** The job that a job file's text describes; refused with every problem, a line each. */
  parse(text: string): Promise<JobRequest>;
  summary(id: string): Promise<Read<JobSummary>>;
  /** `all`: those of an earlier job of the same id as well. */
  allocations(id: string, options?: ReadOptions & { readonly all?: boolean }): Promise<Read<AllocStub[]>>;
  evaluations(id: string, options?: ReadOptions): Promise<Read<EvalView[]>>;
  deployments(id: string, options?: ReadOptions & { readonly all?: boolean }): Promise<Read<DeploymentView[]>>;
  /** The latest one; null where there was none. */
  deployment(id: string, options?: ReadOptions): Promise<Read<DeploymentView | null>>;
}

export function jobsApi(requester: Requester): JobsApi {
  const { read, write } = requester;
  return {
    list: (prefix, options) => read('/v1/jobs', options, { prefix }),
    read: (id, options) => read(jobPath(id), options),
    register: (job, options = {}) => write('PUT', '/v1/jobs', registration(job, options)),
    plan: (job, { diff, revertOf }) =>
      write('PUT', jobPath(String(job.ID), '/plan'), { Job: job, Diff: diff, RevertOf: revertOf }),
    validate: (job) => write('PUT', '/v1/validate/job', { Job: job }),
    deregister: (id, options = {}) => write('DELETE', jobPath(id), undefined, { purge: options.purge === true }),
    evaluate: (id, options = {}) =>
      write('PUT', jobPath(id, '/evaluate'), {
        JobID: id,
        EvalOptions: { ForceReschedule: options.forceReschedule === true },
      }),
    revert: (id, version, { enforcePriorVersion = null } = {}) =>
      write('PUT', jobPath(id, '/revert'), {
        JobID: id,
        JobVersion: version,
        EnforcePriorVersion: enforcePriorVersion,
      }),
    scale: (id, group, count) =>
      write('PUT', jobPath(id, '/scale'), { Count: count, Target: { Job: id, Group: group } }),
    versions: (id, { diffs = false, against = {} } = {}) =>
      read(jobPath(id, '/versions'), {}, { diffs, diff_version: against.version, diff_tag: against.tag }),
    tagVersion: (id, { name, description, version }) =>
      write('PUT', tagPath(id, name), { Name: name, Description: description, Version: version }),
    untagVersion: (id, name) => write('DELETE', tagPath(id, name)),
    hcl: (id, version) => read(jobPath(id, '/hcl'), {}, { version }),
    parse: (text) => write('PUT', '/v1/jobs/parse', { JobHCL: text, Canonicalize: false }),
    summary: (id) => read(jobPath(id, '/summary')),
    allocations: (id, options) => read(jobPath(id, '/allocations'), options, { all: options?.all === true }),
    evaluations: (id, options) => read(jobPath(id, '/evaluations'), options),
    deployments: (id, options) => read(jobPath(id, '/deployments'), options, { all: options?.all === true }),
    deployment: (id, options) => read(jobPath(id, '/deployment'), options),
  };
}

const tagPath = (id: string, name: string): string => jobPath(id, `/versions/${encodeURIComponent(name)}/tag`);

const jobPath = (id: string, rest = ''): string => `/v1/job/${encodeURIComponent(id)}${rest}`;

function registration(job: JobRequest, options: RegisterOptions) {
  const enforced =
    options.enforceIndex === undefined ? {} : { EnforceIndex: true, JobModifyIndex: options.enforceIndex };
  return { Job: job, ...enforced, ...(options.preserveCounts ? { PreserveCounts: true } : {}) };
}
