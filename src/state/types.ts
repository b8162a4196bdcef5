/**
 * The state's seam. Rows read are never mutated: a write replaces a row (deep-frozen in tests). Callbacks are
 * synchronous. What leaves the process waits until the index it was read at is durable (`whenDurable`).
 */
import type { Allocation } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { IngressNode } from '../model/ingress.ts';
import type { Job } from '../model/job.ts';
import type { JobSummary } from '../model/job-summary.ts';
import type { Node } from '../model/node.ts';

export const Tables = {
  jobs: 'jobs',
  jobVersions: 'jobVersions',
  allocs: 'allocs',
  evals: 'evals',
  deployments: 'deployments',
  nodes: 'nodes',
  ingresses: 'ingresses',
  meta: 'meta',
} as const;
export type Table = (typeof Tables)[keyof typeof Tables];

/** Usage of a node by allocations whose client status is not terminal. Structurally the scheduler's `NodeUsage`. */
export interface Usage {
  readonly cpu: number;
  readonly memoryMB: number;
  readonly diskMB: number;
  readonly ports: ReadonlySet<number>;
  /** "namespace/jobId" → allocations here. */
  readonly allocsByJob: ReadonlyMap<string, number>;
}

export interface ReadTx {
  /** The index of the last transaction in this view. */
  readonly index: number;
  /** The index of the last change of a table (0: never). */
  tableIndex(...tables: Table[]): number;

  job(namespace: string, id: string): Job | undefined;
  jobs(): Iterable<Job>;
  jobVersion(namespace: string, id: string, version: number): Job | undefined;
  /** Newest first. */
  jobVersions(namespace: string, id: string): readonly Job[];
  /** Counts of allocations per group, kept as they change. */
  jobSummary(namespace: string, id: string): JobSummary | undefined;

  alloc(id: string): Allocation | undefined;
  allocs(): Iterable<Allocation>;
  allocsByJob(namespace: string, jobId: string): readonly Allocation[];
  allocsByNode(nodeId: string): readonly Allocation[];
  allocsByEval(evalId: string): readonly Allocation[];
  allocsByDeployment(deploymentId: string): readonly Allocation[];

  evaluation(id: string): Evaluation | undefined;
  evaluations(): Iterable<Evaluation>;
  evaluationsByJob(namespace: string, jobId: string): readonly Evaluation[];

  deployment(id: string): Deployment | undefined;
  deployments(): Iterable<Deployment>;
  /** Newest first. */
  deploymentsByJob(namespace: string, jobId: string): readonly Deployment[];

  node(id: string): Node | undefined;
  /** In a stable order. */
  nodes(): readonly Node[];
  usage(nodeId: string): Usage;

  ingress(id: string): IngressNode | undefined;
  ingresses(): readonly IngressNode[];

  meta(key: string): unknown;
}

/** Writes set CreateIndex (on the first write of a key) and ModifyIndex themselves; all other fields are the caller's. */
export interface WriteTx extends ReadTx {
  /** Also keeps the row as a version, and forgets versions beyond `keepVersions` (stable ones last). */
  putJob(job: Job): void;
  /** Changes a stored job (status, stability) without a new version. */
  touchJob(job: Job): void;
  deleteJob(namespace: string, id: string): void;
  /** `serverSide`: the desired state changed, so AllocModifyIndex moves and the node will look. */
  putAlloc(alloc: Allocation, options?: { serverSide?: boolean }): void;
  deleteAlloc(id: string): void;
  putEvaluation(evaluation: Evaluation): void;
  deleteEvaluation(id: string): void;
  putDeployment(deployment: Deployment): void;
  deleteDeployment(id: string): void;
  putNode(node: Node): void;
  deleteNode(id: string): void;
  putIngress(ingress: IngressNode): void;
  deleteIngress(id: string): void;
  putMeta(key: string, value: unknown): void;
}

/** One change of a committed transaction, for watches and the event stream. */
export interface Change {
  readonly table: Table;
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface CommittedTransaction {
  readonly index: number;
  readonly changes: readonly Change[];
}
