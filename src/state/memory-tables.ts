/**
 * The rows in memory and everything derived from them: secondary indexes, usage, counts. There is one way to change a
 * row, `set`, used alike by transactions, by their undoing and by a load, so nothing derived can miss a change.
 */
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { IngressNode } from '../model/ingress.ts';
import type { Job } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import { sameSizes } from './group-size.ts';
import { JobCounts } from './job-counts.ts';
import { RowIndex } from './row-index.ts';
import { jobKey, type MetaRow, type RowOf, versionKey } from './rows.ts';
import { SortedRows } from './sorted-rows.ts';
import type { Table } from './types.ts';
import { UsageTable } from './usage.ts';

export class MemoryTables {
  readonly jobs = new Map<string, Job>();
  readonly allocs = new Map<string, Allocation>();
  readonly evals = new Map<string, Evaluation>();
  readonly deployments = new Map<string, Deployment>();
  readonly meta = new Map<string, MetaRow>();
  readonly nodes = new SortedRows<Node>();
  readonly ingresses = new SortedRows<IngressNode>();
  readonly #jobVersions = new Map<string, Job>();

  readonly versionsByJob = new RowIndex<Job>(
    (key) => this.#jobVersions.get(key),
    (a, b) => b.Version - a.Version,
  );
  readonly allocsByJob = new RowIndex<Allocation>((id) => this.allocs.get(id));
  readonly allocsByNode = new RowIndex<Allocation>((id) => this.allocs.get(id));
  readonly allocsByEval = new RowIndex<Allocation>((id) => this.allocs.get(id));
  readonly allocsByDeployment = new RowIndex<Allocation>((id) => this.allocs.get(id));
  readonly evalsByJob = new RowIndex<Evaluation>((id) => this.evals.get(id), oldestFirst);
  readonly deploymentsByJob = new RowIndex<Deployment>((id) => this.deployments.get(id), newestFirst);

  readonly counts = new JobCounts({
    evaluations: (key) => this.evalsByJob.rows(key),
    allocations: (key) => this.allocsByJob.rows(key),
  });
  readonly usage = new UsageTable({
    alloc: (id) => this.allocs.get(id),
    jobVersion: (namespace, id, version) => this.jobVersion(namespace, id, version),
  });

  jobVersion(namespace: string, id: string, version: number): Job | undefined {
    return this.#jobVersions.get(versionKey(namespace, id, version));
  }

  /** Puts a row, or with `undefined` takes it away; answers what was there. */
  set<T extends Table>(table: T, key: string, row: RowOf[T] | undefined): RowOf[T] | undefined;
  set(table: Table, key: string, row: RowOf[Table] | undefined): RowOf[Table] | undefined {
    switch (table) {
      case 'allocs':
        return this.#setAlloc(key, row as Allocation | undefined);
      case 'jobs':
        return this.#setJob(key, row as Job | undefined);
      case 'jobVersions':
        return this.#setJobVersion(key, row as Job | undefined);
      case 'evals':
        return this.#setEvaluation(key, row as Evaluation | undefined);
      case 'deployments':
        return this.#setDeployment(key, row as Deployment | undefined);
      case 'nodes':
        return this.nodes.set(key, row as Node | undefined);
      case 'ingresses':
        return this.ingresses.set(key, row as IngressNode | undefined);
      case 'meta':
        return replace(this.meta, key, row as MetaRow | undefined);
    }
  }

  get(table: Table, key: string): RowOf[Table] | undefined {
    return table === 'jobVersions' ? this.#jobVersions.get(key) : this[table].get(key);
  }

  rows(table: Table): Iterable<RowOf[Table]> {
    return table === 'jobVersions' ? this.#jobVersions.values() : this[table].values();
  }

  #setAlloc(id: string, after: Allocation | undefined): Allocation | undefined {
    const before = this.allocs.get(id);
    const sameRoom = before !== undefined && after !== undefined && takesSameRoom(before, after);
    if (before && !sameRoom) this.usage.release(before);
    replace(this.allocs, id, after);
    this.allocsByNode.move(id, before?.NodeID, after?.NodeID);
    this.allocsByEval.move(id, before?.EvalID, after?.EvalID);
    this.allocsByDeployment.move(id, before?.DeploymentID, after?.DeploymentID);
    this.#moveInJob(id, before, after);
    if (after && !sameRoom) this.usage.charge(after);
    if (!sameRoom) this.usage.recharge(id);
    return before;
  }

  #moveInJob(id: string, before: Allocation | undefined, after: Allocation | undefined): void {
    const row = (after ?? before)!;
    const key = jobKey(row.Namespace, row.JobID);
    this.allocsByJob.move(id, before && key, after && key);
    this.counts.alloc(key, before, after);
  }

  #setJob(key: string, after: Job | undefined): Job | undefined {
    const before = replace(this.jobs, key, after);
    this.counts.job(key, before, after);
    return before;
  }

  /** A version that comes, goes or changes its sizes changes what its allocations are charged with. */
  #setJobVersion(key: string, after: Job | undefined): Job | undefined {
    const before = this.#jobVersions.get(key);
    const job = (after ?? before)!;
    const recharge = before && after && sameSizes(before, after) ? [] : this.#liveAllocsOf(job);
    for (const alloc of recharge) this.usage.release(alloc);
    replace(this.#jobVersions, key, after);
    const group = jobKey(job.Namespace, job.ID);
    this.versionsByJob.move(key, before && group, after && group);
    for (const alloc of recharge) this.usage.charge(alloc);
    for (const alloc of recharge) this.usage.recharge(alloc.ID);
    return before;
  }

  #liveAllocsOf(job: Job): readonly Allocation[] {
    const key = jobKey(job.Namespace, job.ID);
    if (!this.counts.isLive(key, job.Version)) return [];
    return this.allocsByJob.rows(key).filter((alloc) => alloc.JobVersion === job.Version);
  }

  #setEvaluation(id: string, after: Evaluation | undefined): Evaluation | undefined {
    const before = replace(this.evals, id, after);
    const row = (after ?? before)!;
    const key = jobKey(row.Namespace, row.JobID);
    this.evalsByJob.move(id, before && key, after && key);
    this.counts.evaluation(key, before, after);
    return before;
  }

  #setDeployment(id: string, after: Deployment | undefined): Deployment | undefined {
    const before = replace(this.deployments, id, after);
    const row = (after ?? before)!;
    const key = jobKey(row.Namespace, row.JobID);
    this.deploymentsByJob.move(id, before && key, after && key);
    return before;
  }
}

/** Nothing that a node is charged for differs, as with most of what nodes report. */
function takesSameRoom(before: Allocation, after: Allocation): boolean {
  return (
    isClientTerminal(before) === isClientTerminal(after) &&
    before.NodeID === after.NodeID &&
    before.JobVersion === after.JobVersion &&
    before.Ports === after.Ports &&
    before.AwaitsPrevious === after.AwaitsPrevious &&
    before.PreviousAllocation === after.PreviousAllocation
  );
}

function replace<Row>(map: Map<string, Row>, key: string, after: Row | undefined): Row | undefined {
  const before = map.get(key);
  if (after === undefined) map.delete(key);
  else map.set(key, after);
  return before;
}

interface Created {
  readonly CreateIndex: number;
  readonly ID: string;
}

const oldestFirst = (a: Created, b: Created): number => a.CreateIndex - b.CreateIndex || (a.ID < b.ID ? -1 : 1);
const newestFirst = (a: Created, b: Created): number => oldestFirst(b, a);
