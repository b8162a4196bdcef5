/**
 * A job with nothing in it that goes without saying: what a person would have written. Each field is left out on trial,
 * and stays out where `canonicalizeJob` fills the same in again; so what is left is the same job by construction.
 */
import { canonicalizeJob } from '../../model/canonicalize.ts';
import { deepEqual } from '../../model/deep-equal.ts';
import type { Job, JobRequest } from '../../model/job.ts';
import { specChanged } from '../../model/update-kind.ts';

type Fields = Record<string, unknown>;

/** Said even where they say what everybody says: a reader looks for them. */
const ALWAYS_SAID = new Set(['ID', 'Name', 'Type', 'Datacenters', 'Count', 'Driver', 'CPU', 'MemoryMB', 'PortLabel']);
/** Nobody fills anything in there. */
const OPAQUE = new Set(['Config', 'Env', 'Meta', 'Marathon']);

/** `job` is canonical. */
export function leanJob(job: Job): JobRequest {
  const whole = structuredClone(withUpdateInOnePlace(job)) as JobRequest & Fields;
  const groups = whole['TaskGroups'] as Fields[];
  // A group at a time beside the job's own fields, so that the cost grows with the job and not with its square.
  for (const [at, group] of groups.entries()) {
    const one = { ...job, TaskGroups: job.TaskGroups.slice(at, at + 1) };
    leaveOut(group, () => isSame(one, { ...whole, TaskGroups: [group] }));
  }
  leaveOut(whole, () => isSame(job, whole), new Set(['TaskGroups']));
  return whole;
}

/**
 * The wire keeps of a job's own update block two fields, and the rest in each group. People write it once: in the job
 * where all groups agree, else in the groups.
 */
function withUpdateInOnePlace(job: Job): JobRequest {
  const [first] = job.TaskGroups;
  const inGroups = { ...job, Update: { MaxParallel: job.Update.MaxParallel } };
  const inJob = {
    ...job,
    Update: first?.Update,
    TaskGroups: job.TaskGroups.map(({ Update: _, ...group }) => group),
  };
  const agree = job.TaskGroups.every(({ Update }) => deepEqual(Update, first?.Update));
  return [...(agree ? [inJob] : []), inGroups].find((each) => isSame(job, each)) ?? job;
}

function isSame(job: Job, request: JobRequest): boolean {
  const { job: again, problems } = canonicalizeJob(request);
  return problems.length === 0 && !specChanged(job, again);
}

/** The whole of a field first, then what is in it. */
function leaveOut(fields: Fields, isStillSame: () => boolean, untouched: ReadonlySet<string> = new Set()): void {
  for (const [key, value] of Object.entries(fields)) {
    if (ALWAYS_SAID.has(key) || untouched.has(key)) continue;
    delete fields[key];
    if (isStillSame()) continue;
    fields[key] = value;
    if (OPAQUE.has(key)) continue;
    for (const part of Array.isArray(value) ? value : [value]) if (isFields(part)) leaveOut(part, isStillSame);
  }
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
