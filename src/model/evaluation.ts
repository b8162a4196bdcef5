/** An evaluation: the request to bring a job's allocations in line with what is desired. */
import type { AllocMetric } from './allocation.ts';
import type { Nanos } from './nanos.ts';

export const EvalStatuses = {
  blocked: 'blocked',
  pending: 'pending',
  complete: 'complete',
  failed: 'failed',
  canceled: 'canceled',
} as const;
export type EvalStatus = (typeof EvalStatuses)[keyof typeof EvalStatuses];

export const EvalTriggers = {
  jobRegister: 'job-register',
  jobDeregister: 'job-deregister',
  periodicJob: 'periodic-job',
  nodeDrain: 'node-drain',
  nodeUpdate: 'node-update',
  allocStop: 'alloc-stop',
  scheduled: 'scheduled',
  rollingUpdate: 'rolling-update',
  deploymentWatcher: 'deployment-watcher',
  failedFollowUp: 'failed-follow-up',
  maxPlans: 'max-plan-attempts',
  allocFailure: 'alloc-failure',
  queuedAllocs: 'queued-allocs',
  jobScaling: 'job-scaling',
  maxDisconnectTimeout: 'max-disconnect-timeout',
} as const;
export type EvalTrigger = (typeof EvalTriggers)[keyof typeof EvalTriggers];

export interface Evaluation {
  ID: string;
  Namespace: string;
  Priority: number;
  Type: string;
  TriggeredBy: EvalTrigger;
  JobID: string;
  JobModifyIndex: number;
  NodeID?: string;
  NodeModifyIndex?: number;
  DeploymentID?: string;
  Status: EvalStatus;
  StatusDescription?: string;
  /** Not before this time (wire: a time stamp). Ours in milliseconds; 0: at once. */
  WaitUntilMs?: number;
  NextEval?: string;
  PreviousEval?: string;
  BlockedEval?: string;
  FailedTGAllocs?: Record<string, AllocMetric>;
  /** Computed node classes that were found feasible or not, so that only a change that helps wakes a blocked one. */
  ClassEligibility?: Record<string, boolean>;
  EscapedComputedClass?: boolean;
  QueuedAllocations?: Record<string, number>;
  SnapshotIndex?: number;
  CreateIndex: number;
  ModifyIndex: number;
  CreateTime: Nanos;
  ModifyTime: Nanos;
}
