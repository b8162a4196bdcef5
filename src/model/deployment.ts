/** A deployment: the course of one job version from its first allocation to its end. */
import type { Nanos } from './nanos.ts';

export const DeploymentStatuses = {
  running: 'running',
  paused: 'paused',
  failed: 'failed',
  successful: 'successful',
  cancelled: 'cancelled',
  blocked: 'blocked',
  pending: 'pending',
  unblocking: 'unblocking',
} as const;
export type DeploymentStatus = (typeof DeploymentStatuses)[keyof typeof DeploymentStatuses];

/** The wire's words; the typed reason beside them is `Blocker` or `FailureReason`. */
export const DeploymentDescriptions = {
  running: 'Deployment is running',
  runningNeedsPromotion: 'Deployment is running but requires manual promotion',
  runningAutoPromotion: 'Deployment is running pending automatic promotion',
  paused: 'Deployment is paused',
  successful: 'Deployment completed successfully',
  stoppedJob: 'Cancelled because job is stopped',
  newerJob: 'Cancelled due to newer version of job',
  failedAllocations: 'Failed due to unhealthy allocations',
  progressDeadline: 'Failed due to progress deadline',
  failedByUser: 'Deployment marked as failed',
} as const;

export interface DeploymentState {
  AutoRevert: boolean;
  AutoPromote: boolean;
  ProgressDeadline: Nanos;
  /** A time stamp; the wire's zero time while no allocation was placed. */
  RequireProgressBy: string;
  Promoted: boolean;
  PlacedCanaries: string[] | null;
  DesiredCanaries: number;
  DesiredTotal: number;
  PlacedAllocs: number;
  HealthyAllocs: number;
  UnhealthyAllocs: number;
  /** Ours: when the last batch was placed, milliseconds since the epoch; the interval between batches counts from it. */
  LastBatchMs?: number;
}

/** Ours: what a deployment that has not ended waits for; a timer that will end it, or somebody who must act. */
export interface DeploymentBlocker {
  /** "health", "retry", "interval", "person", "capacity", "load-balancer", "scheduler". */
  Reason: 'health' | 'retry' | 'interval' | 'person' | 'capacity' | 'load-balancer' | 'scheduler';
  /** One sentence. */
  Message: string;
  /** When the timer that ends the wait fires, milliseconds since the epoch; absent when a person must act. */
  UntilMs?: number;
}

export interface Deployment {
  ID: string;
  Namespace: string;
  JobID: string;
  JobVersion: number;
  JobModifyIndex: number;
  JobSpecModifyIndex: number;
  JobCreateIndex: number;
  IsMultiregion: boolean;
  TaskGroups: Record<string, DeploymentState>;
  Status: DeploymentStatus;
  StatusDescription: string;
  CreateIndex: number;
  ModifyIndex: number;
  /** Ours: milliseconds since the epoch. */
  CreateTimeMs: number;
  ModifyTimeMs: number;
  /** Ours: since when it is paused; at this time the clocks of its deadlines stand. */
  PausedAtMs?: number;
}

export const isDeploymentActive = (deployment: Pick<Deployment, 'Status'> | undefined): boolean =>
  deployment !== undefined &&
  (deployment.Status === 'running' ||
    deployment.Status === 'paused' ||
    deployment.Status === 'blocked' ||
    deployment.Status === 'pending' ||
    deployment.Status === 'unblocking');
