/**
 * The rows of each table and the keys they stand under. Every row carries the index of its creation and of its last
 * change; keys are unique within a table and the same in memory, in a change and in the store.
 */
import type { Allocation } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { IngressNode } from '../model/ingress.ts';
import type { Job } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import type { Table } from './types.ts';

export interface MetaRow {
  readonly Key: string;
  readonly Value: unknown;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export interface RowOf {
  jobs: Job;
  jobVersions: Job;
  allocs: Allocation;
  evals: Evaluation;
  deployments: Deployment;
  nodes: Node;
  ingresses: IngressNode;
  meta: MetaRow;
}

/** What all rows have in common. */
export interface Row {
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

/** A namespace has no slash, so the pair is unambiguous whatever the job's id contains. */
export const jobKey = (namespace: string, id: string): string => `${namespace}/${id}`;

export const versionKey = (namespace: string, id: string, version: number): string => `${namespace}/${id}@${version}`;

/** Every table, in the order in which a load has to fill them: an allocation's resources are those of its job version. */
export const LOAD_ORDER: readonly Table[] = [
  'jobVersions',
  'jobs',
  'nodes',
  'allocs',
  'evals',
  'deployments',
  'ingresses',
  'meta',
];
