/**
 * An allocation: one instance of a task group, placed on a node.
 *
 * `Allocation` is the row that the state keeps: lean, it names its job by (Namespace, JobID, JobVersion) and holds of
 * its resources only what is its own (ports). `alloc-view.ts` puts the wire's object together at the edge.
 *
 * One writer per field: the scheduler's plan writes Desired*, DeploymentID, Disconnected and the placement (and the drainer what is left
 * when the deadline of a drain is over); the node writes Client*, TaskStates, DeploymentStatus.Healthy and Services; the
 * server's traffic loop writes Traffic.
 */
import type { DisconnectTimes } from './disconnect.ts';
import type { IngressOverride } from './ingress.ts';
import type { Nanos } from './nanos.ts';
import type { AllocatedPort } from './network.ts';

export const DesiredStatuses = { run: 'run', stop: 'stop', evict: 'evict' } as const;
export type DesiredStatus = (typeof DesiredStatuses)[keyof typeof DesiredStatuses];

export const ClientStatuses = {
  pending: 'pending',
  running: 'running',
  complete: 'complete',
  failed: 'failed',
  lost: 'lost',
} as const;
export type ClientStatus = (typeof ClientStatuses)[keyof typeof ClientStatuses];

export const TaskStateNames = { pending: 'pending', running: 'running', dead: 'dead' } as const;
export type TaskStateName = (typeof TaskStateNames)[keyof typeof TaskStateNames];

/** A task event, lean: the wire's many empty fields are added at the edge. */
export interface TaskEvent {
  Type: string;
  Time: Nanos;
  DisplayMessage: string;
  Message?: string;
  Details?: Record<string, string>;
  FailsTask?: boolean;
  RestartReason?: string;
  DriverError?: string;
  DriverMessage?: string;
  ExitCode?: number;
  Signal?: number;
  KillTimeout?: Nanos;
  KillError?: string;
  KillReason?: string;
  StartDelay?: Nanos;
  ValidationError?: string;
  SetupError?: string;
  TaskSignal?: string;
  TaskSignalReason?: string;
}

export interface TaskState {
  State: TaskStateName;
  Failed: boolean;
  Restarts: number;
  LastRestart: string | null;
  StartedAt: string | null;
  FinishedAt: string | null;
  /** Newest last, at most ten. */
  Events: TaskEvent[];
}

export interface AllocDeploymentStatus {
  /** null until the node has judged. */
  Healthy: boolean | null;
  /** When Healthy was judged. */
  Timestamp: string;
  Canary: boolean;
  ModifyIndex: number;
}

/** Ours: a service of the allocation as its node sees it. */
export interface AllocServiceStatus {
  Service: string;
  PortLabel: string;
  Address: string;
  Port: number;
  /** "passing": may take traffic; "critical": a check fails or has not yet passed; "draining": the node wants it empty. */
  Status: 'passing' | 'critical' | 'draining';
  /** The last output of the checks, newest result each. */
  Checks: AllocCheckStatus[];
}

export interface AllocCheckStatus {
  Check: string;
  /** "warning": a script that ended with 1, an HTTP 429, or failures that are not yet enough to be critical. */
  Status: 'passing' | 'warning' | 'critical' | 'pending';
  Output: string;
  /** Milliseconds since the epoch. */
  TimestampMs: number;
  /** Since when it is good without a break, by its node's clock; absent while it is not. */
  PassingSinceMs?: number;
  /** How often it has not passed, in a row; absent: it passes. */
  Failures?: number;
  /** Milliseconds since the epoch, of the first look that passed, and of the last ones that did and did not; absent: none. */
  FirstPassMs?: number;
  LastPassMs?: number;
  LastFailMs?: number;
  /** What the last look that did not pass found; absent: what `Output` says, or there was none. */
  LastFailOutput?: string;
  /** It says when the instance is ready (`ServiceCheck.Readiness`); its last answer, where that was one of HTTP. */
  Readiness?: true;
  Response?: CheckResponse;
  /** What it found before, newest last; in the node's own answers only: the server's rows are lean. */
  History?: AllocCheckResult[];
}

/** Ours: an answer to an http check, its body cut after 1 kB. */
export interface CheckResponse {
  Status: number;
  ContentType: string;
  Body: string;
}

/** Ours: equal results of a check in a row. */
export interface AllocCheckResult {
  /** What each look found… */
  Result: 'passing' | 'warning' | 'critical';
  /** …and what the check's status was after them, thresholds considered. */
  Status: AllocCheckStatus['Status'];
  /** Of the last of them. */
  Output: string;
  /** Milliseconds since the epoch, of the first and of the last of them. */
  FirstMs: number;
  LastMs: number;
  Count: number;
}

/** Ours: the last lines that a task wrote, each stream at most 2 kB. */
export interface AllocTaskOutput {
  Stdout: string;
  Stderr: string;
}

/** Ours: what the ingresses have acknowledged about this allocation. Two figures, never mixed: applied and drained. */
export interface AllocTraffic {
  /** Every ingress that owes it has put the instance into its table and finds it healthy. */
  Ready: boolean;
  /** Every ingress that owes it sends no new request there. */
  Applied: boolean;
  /** Every ingress that owes it has nothing in flight there: it is safe to kill. */
  Drained: boolean;
  /** The ingresses whose acknowledgement is missing, by name. */
  Owing: string[];
  /** Milliseconds since the epoch of the last change of a figure above. */
  ChangedMs: number;
}

export interface RescheduleEvent {
  RescheduleTime: Nanos;
  PrevAllocID: string;
  PrevNodeID: string;
  Delay: Nanos;
}

export interface DesiredTransition {
  Migrate: boolean | null;
  Reschedule: boolean | null;
  ForceReschedule: boolean | null;
  /** Its end need not wait for `shutdown_delay`. */
  NoShutdownDelay?: boolean;
}

export interface ScoreMeta {
  NodeID: string;
  Scores: Record<string, number>;
  NormScore: number;
}

/** Why a placement went where it did, or could not be made: counts of nodes per reason. */
export interface AllocMetric {
  NodesEvaluated: number;
  NodesFiltered: number;
  NodesAvailable: Record<string, number> | null;
  ClassFiltered: Record<string, number> | null;
  ConstraintFiltered: Record<string, number> | null;
  NodesExhausted: number;
  ClassExhausted: Record<string, number> | null;
  DimensionExhausted: Record<string, number> | null;
  QuotaExhausted: string[] | null;
  ResourcesExhausted: unknown;
  Scores: Record<string, number> | null;
  ScoreMetaData: ScoreMeta[] | null;
  AllocationTime: Nanos;
  CoalescedFailures: number;
}

/** A placement that looked at nothing. */
export const EMPTY_METRIC: Readonly<AllocMetric> = {
  NodesEvaluated: 0,
  NodesFiltered: 0,
  NodesAvailable: null,
  ClassFiltered: null,
  ConstraintFiltered: null,
  NodesExhausted: 0,
  ClassExhausted: null,
  DimensionExhausted: null,
  QuotaExhausted: null,
  ResourcesExhausted: null,
  Scores: null,
  ScoreMetaData: null,
  AllocationTime: 0,
  CoalescedFailures: 0,
};

export interface Allocation {
  ID: string;
  Namespace: string;
  EvalID: string;
  /** "job.group[index]". */
  Name: string;
  NodeID: string;
  NodeName: string;
  JobID: string;
  JobVersion: number;
  TaskGroup: string;
  /** Ours: the ports it holds on its node; the rest of its resources are its group's. */
  Ports: AllocatedPort[];
  /** Placement metrics; absent where they went to the store. */
  Metrics?: AllocMetric;
  DesiredStatus: DesiredStatus;
  DesiredDescription: string;
  DesiredTransition?: DesiredTransition;
  ClientStatus: ClientStatus;
  ClientDescription: string;
  TaskStates: Record<string, TaskState> | null;
  PreviousAllocation: string;
  NextAllocation: string;
  /** Ours: planned onto the very room of PreviousAllocation; the node starts it when that one has ended. */
  AwaitsPrevious?: boolean;
  DeploymentID: string;
  DeploymentStatus: AllocDeploymentStatus | null;
  RescheduleTracker: { Events: RescheduleEvent[] } | null;
  FollowupEvalID: string;
  /** Ours. */
  Services?: AllocServiceStatus[];
  /** Ours. */
  Traffic?: AllocTraffic;
  /** Ours: what somebody set by hand; it ends with the instance. */
  Ingress?: IngressOverride;
  /**
   * Ours: its set was replaced by a promoted blue/green. It gets no requests unless its specification comes back, and is
   * kept running until then, milliseconds since the epoch.
   */
  RestsUntilMs?: number;
  /**
   * Ours: its node is lost and its group waits for it: since when, and what happens when. The scheduler writes it, and
   * takes it away when the node is back.
   */
  Disconnected?: DisconnectTimes;
  /** Ours: by task, of an instance that failed or was judged unhealthy. */
  Output?: Record<string, AllocTaskOutput>;
  CreateIndex: number;
  ModifyIndex: number;
  /** The last index at which the server's side (desired state, job version) changed it: what its node waits for. */
  AllocModifyIndex: number;
  CreateTime: Nanos;
  ModifyTime: Nanos;
}

/** What a node reports of an allocation; it replaces the fields of the same names. */
export type AllocUpdate = Pick<Allocation, 'ID' | 'ClientStatus' | 'ClientDescription' | 'TaskStates'> & {
  /** Present when the node has judged the allocation's health for its deployment. */
  Healthy?: {
    Healthy: boolean;
    TimestampMs: number;
    /** The deployment for which it was judged: what was judged for an earlier one says nothing of a later one. */
    DeploymentID?: string;
  };
  Services?: AllocServiceStatus[];
  /** Present with a judgement "unhealthy" and with a failure. */
  Output?: Record<string, AllocTaskOutput>;
};

export const isClientTerminal = (alloc: Pick<Allocation, 'ClientStatus'>): boolean =>
  alloc.ClientStatus === 'complete' || alloc.ClientStatus === 'failed' || alloc.ClientStatus === 'lost';

export const isDesiredTerminal = (alloc: Pick<Allocation, 'DesiredStatus'>): boolean => alloc.DesiredStatus !== 'run';

/** Neither wanted any more nor running any more, whichever comes first. */
export const isTerminal = (alloc: Pick<Allocation, 'ClientStatus' | 'DesiredStatus'>): boolean =>
  isDesiredTerminal(alloc) || isClientTerminal(alloc);

export const allocName = (jobId: string, group: string, index: number): string => `${jobId}.${group}[${index}]`;

/** The index in "job.group[3]". */
export const allocIndex = (name: string): number => Number(name.slice(name.lastIndexOf('[') + 1, -1));
