/**
 * The pending head as transactions see it: reads of the tables, and writes that go to the tables at once and are noted
 * as changes, so that the transaction can be stored, told to watchers, or undone when its callback throws.
 */
import { invariant } from '../lib/assert.ts';
import { SerinError } from '../lib/errors.ts';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { IngressNode } from '../model/ingress.ts';
import type { Job } from '../model/job.ts';
import type { JobSummary } from '../model/job-summary.ts';
import type { Node } from '../model/node.ts';
import { deepFreeze } from './freeze.ts';
import { Interner } from './intern.ts';
import { versionsToForget } from './job-versions.ts';
import type { MemoryTables } from './memory-tables.ts';
import { jobKey, type Row, type RowOf, versionKey } from './rows.ts';
import type { Change, Table, Usage, WriteTx } from './types.ts';

/** The store's keys end near 2,000 bytes; an id of that length is a mistake of the caller's, and is his to hear about. */
const MAX_KEY_LENGTH = 600;

export interface HeadOptions {
  readonly freezeRows: boolean;
  readonly keepVersions: number;
}

export class Head implements WriteTx {
  readonly #options: HeadOptions;
  readonly #tables: MemoryTables;
  readonly #tableIndex: Map<Table, number>;
  readonly #interner = new Interner();
  #index: number;
  /** No transaction gets an index up to here: those were given to transactions that were discarded. */
  #usedUpTo: number;
  #indexBefore = 0;
  #changes: Change[] | undefined;
  /** Set once the transaction under way has deleted a row, and once it has written one key twice. */
  #hasDeleted = false;
  #hasRepeated = false;

  constructor(
    options: HeadOptions,
    loaded: { tables: MemoryTables; index: number; tableIndex: ReadonlyMap<Table, number> },
    usedUpTo = 0,
  ) {
    this.#options = options;
    this.#tables = loaded.tables;
    this.#index = loaded.index;
    this.#usedUpTo = usedUpTo;
    this.#tableIndex = new Map(loaded.tableIndex);
  }

  // Transactions: one at a time, begun and ended by the state.

  begin(): void {
    invariant(!this.#changes, 'an update was begun inside another one');
    this.#changes = [];
    this.#hasDeleted = false;
    this.#hasRepeated = false;
    this.#indexBefore = this.#index;
    this.#index = Math.max(this.#index, this.#usedUpTo) + 1;
  }

  /** Ends the transaction. Without any change the index is as before. */
  commit(): readonly Change[] {
    const changes = this.#hasRepeated ? mergeRepeated(this.#changes!) : this.#changes!;
    this.#changes = undefined;
    if (changes.length === 0) this.#index = this.#indexBefore;
    for (const change of changes) this.#tableIndex.set(change.table, this.#index);
    return changes;
  }

  rollback(): void {
    this.#revert(this.#changes!);
    this.#changes = undefined;
    this.#index = this.#indexBefore;
  }

  /** Takes committed transactions back, newest first, down to `index`. */
  undo(
    transactions: readonly { readonly changes: readonly Change[] }[],
    to: { readonly index: number; readonly tableIndex: ReadonlyMap<Table, number> },
  ): void {
    for (const transaction of transactions.toReversed()) this.#revert(transaction.changes);
    this.#index = to.index;
    this.#tableIndex.clear();
    for (const [table, index] of to.tableIndex) this.#tableIndex.set(table, index);
  }

  #revert(changes: readonly Change[]): void {
    for (const { table, key, before } of changes.toReversed()) {
      this.#tables.set(table, key, before as RowOf[Table] | undefined);
    }
  }

  // Reads.

  get index(): number {
    return this.#index;
  }

  tableIndex(...tables: Table[]): number {
    let newest = 0;
    for (const table of tables) newest = Math.max(newest, this.#tableIndex.get(table) ?? 0);
    return newest;
  }

  job(namespace: string, id: string): Job | undefined {
    return this.#tables.jobs.get(jobKey(namespace, id));
  }

  jobs(): Iterable<Job> {
    return this.#tables.jobs.values();
  }

  jobVersion(namespace: string, id: string, version: number): Job | undefined {
    return this.#tables.jobVersion(namespace, id, version);
  }

  jobVersions(namespace: string, id: string): readonly Job[] {
    return this.#tables.versionsByJob.rows(jobKey(namespace, id));
  }

  jobSummary(namespace: string, id: string): JobSummary | undefined {
    const job = this.job(namespace, id);
    return job && this.#frozen(this.#tables.counts.summary(job));
  }

  alloc(id: string): Allocation | undefined {
    return this.#tables.allocs.get(id);
  }

  allocs(): Iterable<Allocation> {
    return this.#tables.allocs.values();
  }

  allocsByJob(namespace: string, jobId: string): readonly Allocation[] {
    return this.#tables.allocsByJob.rows(jobKey(namespace, jobId));
  }

  allocsByNode(nodeId: string): readonly Allocation[] {
    return this.#tables.allocsByNode.rows(nodeId);
  }

  allocsByEval(evalId: string): readonly Allocation[] {
    return this.#tables.allocsByEval.rows(evalId);
  }

  allocsByDeployment(deploymentId: string): readonly Allocation[] {
    return this.#tables.allocsByDeployment.rows(deploymentId);
  }

  evaluation(id: string): Evaluation | undefined {
    return this.#tables.evals.get(id);
  }

  evaluations(): Iterable<Evaluation> {
    return this.#tables.evals.values();
  }

  evaluationsByJob(namespace: string, jobId: string): readonly Evaluation[] {
    return this.#tables.evalsByJob.rows(jobKey(namespace, jobId));
  }

  deployment(id: string): Deployment | undefined {
    return this.#tables.deployments.get(id);
  }

  deployments(): Iterable<Deployment> {
    return this.#tables.deployments.values();
  }

  deploymentsByJob(namespace: string, jobId: string): readonly Deployment[] {
    return this.#tables.deploymentsByJob.rows(jobKey(namespace, jobId));
  }

  node(id: string): Node | undefined {
    return this.#tables.nodes.get(id);
  }

  nodes(): readonly Node[] {
    return this.#tables.nodes.values();
  }

  usage(nodeId: string): Usage {
    return this.#tables.usage.of(nodeId);
  }

  ingress(id: string): IngressNode | undefined {
    return this.#tables.ingresses.get(id);
  }

  ingresses(): readonly IngressNode[] {
    return this.#tables.ingresses.values();
  }

  meta(key: string): unknown {
    return this.#tables.meta.get(key)?.Value;
  }

  // Writes.

  putJob(job: Job): void {
    this.#writeVersion(this.#write('jobs', jobKey(job.Namespace, job.ID), { ...job, JobModifyIndex: this.#index }));
    this.#forgetVersions(job.Namespace, job.ID);
  }

  touchJob(job: Job): void {
    const { Namespace, ID, Version } = job;
    if (this.job(Namespace, ID)?.Version === Version) {
      this.#writeVersion(this.#write('jobs', jobKey(Namespace, ID), { ...job }));
      return;
    }
    invariant(this.jobVersion(Namespace, ID, Version), `touchJob of ${ID} version ${Version}, which is not stored`);
    this.#write('jobVersions', versionKey(Namespace, ID, Version), { ...job });
  }

  /** Versions that a live allocation names stay until it has ended: its node may still ask what it runs. */
  deleteJob(namespace: string, id: string): void {
    const key = jobKey(namespace, id);
    this.#delete('jobs', key);
    for (const job of this.jobVersions(namespace, id)) {
      if (!this.#tables.counts.isLive(key, job.Version)) this.#deleteVersion(job);
    }
  }

  putAlloc(alloc: Allocation, options?: { serverSide?: boolean }): void {
    const before = this.alloc(alloc.ID);
    const moves = before === undefined || options?.serverSide === true;
    const lean = { ...alloc, AllocModifyIndex: moves ? this.#index : before.AllocModifyIndex };
    if (before?.TaskStates !== alloc.TaskStates) lean.TaskStates = this.#interner.taskStates(alloc.TaskStates);
    this.#write('allocs', alloc.ID, lean);
    if (before && !isClientTerminal(before) && isClientTerminal(alloc)) this.#forgetOrphan(alloc);
  }

  deleteAlloc(id: string): void {
    const before = this.alloc(id);
    this.#delete('allocs', id);
    if (before && !isClientTerminal(before)) this.#forgetOrphan(before);
  }

  putEvaluation(evaluation: Evaluation): void {
    this.#write('evals', evaluation.ID, { ...evaluation });
  }

  deleteEvaluation(id: string): void {
    this.#delete('evals', id);
  }

  putDeployment(deployment: Deployment): void {
    this.#write('deployments', deployment.ID, { ...deployment });
  }

  deleteDeployment(id: string): void {
    this.#delete('deployments', id);
  }

  putNode(node: Node): void {
    this.#write('nodes', node.ID, { ...node });
  }

  deleteNode(id: string): void {
    this.#delete('nodes', id);
  }

  putIngress(ingress: IngressNode): void {
    this.#write('ingresses', ingress.ID, { ...ingress });
  }

  deleteIngress(id: string): void {
    this.#delete('ingresses', id);
  }

  putMeta(key: string, value: unknown): void {
    if (value === undefined) this.#delete('meta', key);
    else this.#write('meta', key, { Key: key, Value: value, CreateIndex: 0, ModifyIndex: 0 });
  }

  /** Sets the row's indexes, so it has to be a copy of the caller's. */
  #write<T extends Table>(table: T, key: string, row: RowOf[T]): RowOf[T] {
    const before = this.#tables.get(table, key) as Row | undefined;
    const stamped = row as { -readonly [Field in keyof Row]: Row[Field] };
    stamped.CreateIndex = before?.CreateIndex ?? this.#index;
    stamped.ModifyIndex = this.#index;
    this.#record(table, key, before, row);
    return row;
  }

  #record<T extends Table>(table: T, key: string, before: Row | undefined, after: RowOf[T]): void {
    const changes = this.#begun();
    refuseLongKey(key);
    this.#hasRepeated ||= before ? before.ModifyIndex === this.#index : this.#hasDeleted;
    this.#tables.set(table, key, this.#frozen(after));
    changes.push({ table, key, before, after });
  }

  /** A version's row is the very row of its job, so it has the job's indexes and costs nothing more. */
  #writeVersion(job: Job): void {
    const key = versionKey(job.Namespace, job.ID, job.Version);
    this.#record('jobVersions', key, this.#tables.get('jobVersions', key), job);
  }

  #delete(table: Table, key: string): void {
    const changes = this.#begun();
    const before = this.#tables.get(table, key);
    if (before === undefined) return;
    this.#hasRepeated ||= before.ModifyIndex === this.#index;
    this.#hasDeleted = true;
    this.#tables.set(table, key, undefined);
    changes.push({ table, key, before, after: undefined });
  }

  #begun(): Change[] {
    invariant(this.#changes, 'a write outside its update: the callback is over, or was a view');
    return this.#changes;
  }

  #forgetVersions(namespace: string, id: string): void {
    const key = jobKey(namespace, id);
    const isNeeded = (version: number) => this.#tables.counts.isLive(key, version);
    const versions = this.jobVersions(namespace, id);
    for (const job of versionsToForget(versions, this.#options.keepVersions, isNeeded)) this.#deleteVersion(job);
  }

  /** The last live allocation of a version of a purged job has ended: nobody will ask for the version again. */
  #forgetOrphan(alloc: Allocation): void {
    const key = jobKey(alloc.Namespace, alloc.JobID);
    if (this.#tables.jobs.has(key) || this.#tables.counts.isLive(key, alloc.JobVersion)) return;
    this.#delete('jobVersions', versionKey(alloc.Namespace, alloc.JobID, alloc.JobVersion));
  }

  #deleteVersion(job: Job): void {
    this.#delete('jobVersions', versionKey(job.Namespace, job.ID, job.Version));
  }

  #frozen<T>(row: T): T {
    return this.#options.freezeRows ? deepFreeze(row) : row;
  }
}

function refuseLongKey(key: string): void {
  if (key.length <= MAX_KEY_LENGTH) return;
  throw new SerinError('badRequest', `the id "${key.slice(0, 40)}…" is too long: at most ${MAX_KEY_LENGTH} characters`);
}

/** One change for each key: what it was before the transaction, and what it is after it. */
function mergeRepeated(changes: readonly Change[]): readonly Change[] {
  const byKey = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.table} ${change.key}`;
    const first = byKey.get(key);
    byKey.set(key, first ? { ...change, before: first.before } : change);
  }
  return [...byKey.values()].filter((change) => change.before !== undefined || change.after !== undefined);
}
