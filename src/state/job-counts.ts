/**
 * Per job, kept as rows change: how many allocations of each group are in which state, how many live ones each version
 * still has, which evaluation last said what is queued, and the children of a periodic or parameterized job.
 */
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job, JobStatus } from '../model/job.ts';
import type { JobSummary, TaskGroupSummary } from '../model/job-summary.ts';
import { jobKey } from './rows.ts';

type Counted = Exclude<keyof TaskGroupSummary, 'Queued'>;
type GroupCounts = Record<Counted, number>;

interface Entry {
  readonly groups: Map<string, GroupCounts>;
  /** None of its allocations was created before; it may be long gone. */
  oldestIndex: number;
  readonly liveByVersion: Map<number, number>;
  readonly children: Record<JobStatus, number>;
  queuedBy: Evaluation | undefined;
  changedIndex: number;
  summary: JobSummary | undefined;
}

/** Asked rarely: when the evaluation that named the queued ones is gone, and after a purge. */
export interface RowsByJob {
  readonly evaluations: (key: string) => readonly Evaluation[];
  readonly allocations: (key: string) => readonly Allocation[];
}

export class JobCounts {
  readonly #rows: RowsByJob;
  readonly #entries = new Map<string, Entry>();

  constructor(rows: RowsByJob) {
    this.#rows = rows;
  }

  summary(job: Job): JobSummary {
    const key = jobKey(job.Namespace, job.ID);
    const entry = this.#entry(key);
    entry.summary ??= summarize(job, entry, this.#groupsOf(job, entry, key));
    return entry.summary;
  }

  /** What a purged job of the same id left behind is not its successor's: then, and only then, rows are counted. */
  #groupsOf(job: Job, entry: Entry, key: string): ReadonlyMap<string, GroupCounts> {
    if (entry.oldestIndex >= job.CreateIndex) return entry.groups;
    const own: Entry = newEntry();
    const allocs = this.#rows.allocations(key);
    for (const alloc of allocs) if (alloc.CreateIndex >= job.CreateIndex) count(own, alloc, 1);
    entry.oldestIndex = allocs.reduce((oldest, alloc) => Math.min(oldest, alloc.CreateIndex), Number.POSITIVE_INFINITY);
    return own.groups;
  }

  /** Whether an allocation whose client status is not terminal still names this version. */
  isLive(key: string, version: number): boolean {
    return (this.#entries.get(key)?.liveByVersion.get(version) ?? 0) > 0;
  }

  job(key: string, before: Job | undefined, after: Job | undefined): void {
    if (after) this.#touch(key, after.ModifyIndex);
    else if (before) this.#touch(key, 0);
    if (before?.ParentID) this.#child(before, -1);
    if (after?.ParentID) this.#child(after, 1);
    this.#dropIfEmpty(key);
  }

  alloc(key: string, before: Allocation | undefined, after: Allocation | undefined): void {
    const entry = this.#touch(key, after?.ModifyIndex ?? 0);
    if (before && after && countsTheSame(before, after)) return;
    if (before) count(entry, before, -1);
    if (after) count(entry, after, 1);
    if (after) entry.oldestIndex = Math.min(entry.oldestIndex, after.CreateIndex);
    if (!after) this.#dropIfEmpty(key);
  }

  /** Call it once the tables hold `after`. */
  evaluation(key: string, before: Evaluation | undefined, after: Evaluation | undefined): void {
    const entry = this.#touch(key, after?.ModifyIndex ?? 0);
    if (before && entry.queuedBy === before) entry.queuedBy = latestWithQueued(this.#rows.evaluations(key));
    else if (after?.QueuedAllocations && isLater(after, entry.queuedBy)) entry.queuedBy = after;
    if (!after) this.#dropIfEmpty(key);
  }

  #entry(key: string): Entry {
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = newEntry();
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #touch(key: string, index: number): Entry {
    const entry = this.#entry(key);
    entry.changedIndex = Math.max(entry.changedIndex, index);
    entry.summary = undefined;
    return entry;
  }

  #child(job: Job, by: 1 | -1): void {
    const parentKey = jobKey(job.Namespace, job.ParentID);
    this.#touch(parentKey, by === 1 ? job.ModifyIndex : 0).children[job.Status] += by;
    this.#dropIfEmpty(parentKey);
  }

  #dropIfEmpty(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry || entry.queuedBy || entry.groups.size + entry.liveByVersion.size > 0) return;
    const { pending, running, dead } = entry.children;
    if (pending + running + dead === 0) this.#entries.delete(key);
  }
}

function newEntry(): Entry {
  return {
    groups: new Map(),
    oldestIndex: Number.POSITIVE_INFINITY,
    liveByVersion: new Map(),
    children: { pending: 0, running: 0, dead: 0 },
    queuedBy: undefined,
    changedIndex: 0,
    summary: undefined,
  };
}

/** Which column of the summary an allocation counts in; one that was stopped before it started counts nowhere. */
function columnOf(alloc: Allocation): Counted | undefined {
  switch (alloc.ClientStatus) {
    case 'pending':
      return alloc.DesiredStatus === 'run' ? 'Starting' : undefined;
    case 'running':
      return 'Running';
    case 'complete':
      return 'Complete';
    case 'failed':
      return 'Failed';
    default:
      return 'Lost';
  }
}

function countsTheSame(a: Allocation, b: Allocation): boolean {
  return columnOf(a) === columnOf(b) && a.ClientStatus === b.ClientStatus && a.JobVersion === b.JobVersion;
}

function count(entry: Entry, alloc: Allocation, by: 1 | -1): void {
  const column = columnOf(alloc);
  if (column) countGroup(entry, alloc.TaskGroup, column, by);
  if (isClientTerminal(alloc)) return;
  const live = (entry.liveByVersion.get(alloc.JobVersion) ?? 0) + by;
  if (live === 0) entry.liveByVersion.delete(alloc.JobVersion);
  else entry.liveByVersion.set(alloc.JobVersion, live);
}

function countGroup(entry: Entry, group: string, column: Counted, by: 1 | -1): void {
  const counts = entry.groups.get(group);
  if (!counts) entry.groups.set(group, { ...NO_COUNTS, [column]: by });
  else {
    counts[column] += by;
    if (counts[column] === 0 && isZero(counts)) entry.groups.delete(group);
  }
}

const NO_COUNTS: Readonly<GroupCounts> = { Complete: 0, Failed: 0, Running: 0, Starting: 0, Lost: 0 };

const isZero = (counts: GroupCounts): boolean => Object.values(counts).every((value) => value === 0);

function summarize(job: Job, entry: Entry, groups: ReadonlyMap<string, GroupCounts>): JobSummary {
  const queued = entry.queuedBy?.QueuedAllocations ?? {};
  const names = new Set([...job.TaskGroups.map((group) => group.Name), ...groups.keys()]);
  const Summary: Record<string, TaskGroupSummary> = {};
  for (const name of names) {
    Summary[name] = { Queued: queued[name] ?? 0, ...(groups.get(name) ?? NO_COUNTS) };
  }
  const { pending, running, dead } = entry.children;
  return {
    JobID: job.ID,
    Namespace: job.Namespace,
    Summary,
    Children: { Pending: pending, Running: running, Dead: dead },
    CreateIndex: job.CreateIndex,
    ModifyIndex: Math.max(job.ModifyIndex, entry.changedIndex),
  };
}

function latestWithQueued(evaluations: readonly Evaluation[]): Evaluation | undefined {
  let latest: Evaluation | undefined;
  for (const each of evaluations) if (each.QueuedAllocations && isLater(each, latest)) latest = each;
  return latest;
}

/** Of two written by one transaction the younger counts; the id only makes the answer the same after a restart. */
function isLater(a: Evaluation, b: Evaluation | undefined): boolean {
  if (!b) return true;
  if (a.ModifyIndex !== b.ModifyIndex) return a.ModifyIndex > b.ModifyIndex;
  if (a.CreateIndex !== b.CreateIndex) return a.CreateIndex > b.CreateIndex;
  return a.ID > b.ID;
}
