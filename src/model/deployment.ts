/** A deployment: the course of one job version from its first allocation to its end. */
import type { AllocCheckStatus, AllocTaskOutput, ClientStatus, TaskEvent } from './allocation.ts';
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
  /** Ours: the canaries are a whole second set, and promotion moves the traffic in one step. Decided when the deployment begins. */
  IsBlueGreen?: boolean;
  /** Ours: how many instances of the old version go on beside the canaries until promotion. */
  BaseCount?: number;
  /** Ours: what the canaries get of all requests before promotion, 0 to 100; absent: their share by count. */
  CanaryWeight?: number;
  /** Ours: how long the old set is to be kept after promotion, in nanoseconds; absent: not at all. */
  KeepWarm?: Nanos;
  /** Ours: until when the old set is kept running, milliseconds since the epoch; set by the promotion. */
  WarmUntilMs?: number;
}

/** Ours: why a deployment ended other than well; stands beside the wire's sentence. */
export const DeploymentFailures = {
  'unhealthy-allocations': 'an instance was judged unhealthy, and nobody tries it again',
  'progress-deadline': 'no further instance became healthy in time',
  'failed-by-user': 'somebody failed it',
  'newer-version': 'a newer version of the job took its place',
  'job-stopped': 'the job was stopped',
} as const;
export type DeploymentFailure = keyof typeof DeploymentFailures;

const FAILURES: Readonly<Record<string, DeploymentFailure>> = {
  [DeploymentDescriptions.failedAllocations]: 'unhealthy-allocations',
  [DeploymentDescriptions.progressDeadline]: 'progress-deadline',
  [DeploymentDescriptions.failedByUser]: 'failed-by-user',
  [DeploymentDescriptions.newerJob]: 'newer-version',
  [DeploymentDescriptions.stoppedJob]: 'job-stopped',
};

/** The typed reason beside one of the wire's descriptions; undefined where that is of no bad end. */
export const failureOf = (description: string): DeploymentFailure | undefined => FAILURES[description];

/** Ours: what an instance looked like when its deployment failed; kept with the deployment when the instance is gone. */
export interface DeploymentEvidence {
  AllocID: string;
  Name: string;
  NodeName: string;
  TaskGroup: string;
  JobVersion: number;
  ClientStatus: ClientStatus;
  /** One clause: what was wrong. */
  Trouble: string;
  /** The last events of each task, oldest first. */
  TaskEvents: Record<string, TaskEvent[]>;
  /** The checks that were not passing. */
  Checks: AllocCheckStatus[];
  /** The last lines of each task's output, as its node sent them. */
  Output: Record<string, AllocTaskOutput>;
}

/** Ours: what a deployment that has not ended can wait for; in this order: who could act first is named first. */
export const BlockerReasons = {
  person: 'somebody must promote, resume, or judge the health of instances by hand; no timer runs meanwhile',
  capacity: 'no node has room for an instance, or there may be no more before another has ended',
  'load-balancer': 'an ingress has yet to take an instance, or to finish what is in flight to one',
  health: 'an instance is not healthy, or not yet for long enough',
  retry: 'an instance failed or was lost, and another takes its place after a delay',
  interval: 'the least time between two batches has not passed',
  scheduler: 'nobody: the next instances are being placed, or it is about to end',
} as const;
export type BlockerReason = keyof typeof BlockerReasons;

/** Ours: what a deployment that has not ended waits for; a timer that will end it, or somebody who must act. */
export interface DeploymentBlocker {
  Reason: BlockerReason;
  /** One sentence. */
  Message: string;
  /** What to type: to go on, or to see more. */
  Command?: string;
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
  /** Ours: why it ended, where it did not end well. */
  Failure?: DeploymentFailure;
  /** Ours: what it still waited for when its time was over, one sentence. */
  FailureDetail?: string;
  /** Ours: the instances that failed it, at most five. */
  Evidence?: DeploymentEvidence[];
}

export const isDeploymentActive = (deployment: Pick<Deployment, 'Status'> | undefined): boolean =>
  deployment !== undefined &&
  (deployment.Status === 'running' ||
    deployment.Status === 'paused' ||
    deployment.Status === 'blocked' ||
    deployment.Status === 'pending' ||
    deployment.Status === 'unblocking');
