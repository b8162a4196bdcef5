/**
 * What the server does for those who ask: the HTTP resources, the node's in-process connection, the simulation.
 * Every promise resolves only when what it says is durable. Errors are `SerinError`s with the wire's words.
 */
import type { Allocation, AllocMetric, AllocUpdate } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { IngressReport } from '../model/ingress.ts';
import type { Job, JobRequest, JobVersionTag } from '../model/job.ts';
import type { DrainSpec, DrainWait, Node } from '../model/node.ts';
import type { JobDiff, PlanAnnotations } from '../model/plan.ts';
import type { HeldBack } from '../scheduler/types.ts';
import type { OverrideChange } from './ingress-overrides.ts';

export interface RegisterRequest {
  readonly Job: JobRequest;
  readonly EnforceIndex?: boolean;
  readonly JobModifyIndex?: number;
  readonly PreserveCounts?: boolean;
}

export interface RegisterResult {
  /** "" where nothing was to be evaluated. */
  readonly EvalID: string;
  readonly EvalCreateIndex: number;
  readonly JobModifyIndex: number;
  readonly Warnings: string;
  readonly Index: number;
}

export interface PlanResult {
  readonly Annotations: PlanAnnotations;
  readonly FailedTGAllocs: Record<string, AllocMetric> | null;
  readonly JobModifyIndex: number;
  readonly CreatedEvals: Evaluation[] | null;
  /** null when no diff was asked for. */
  readonly Diff: JobDiff | null;
  readonly NextPeriodicLaunch: string | null;
  readonly Warnings: string;
  readonly Index: number;
  /** Ours: what is held back and why, per group. */
  readonly HeldBack: Record<string, HeldBack>;
  /** Ours: the whole course in sentences ("Rolling update: 6 instances in 3 batches of 2, at least 90s; …"). */
  readonly Course: string[];
}

export interface ValidateResult {
  readonly job: Job;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

export interface EvalResult {
  readonly EvalID: string;
  readonly EvalCreateIndex: number;
  readonly Index: number;
}

export interface RevertRequest {
  readonly namespace: string;
  readonly jobId: string;
  readonly version: number;
  /** Revert only if this is the version that the job has now. */
  readonly enforcePriorVersion?: number;
}

export interface ScaleRequest {
  readonly namespace: string;
  readonly jobId: string;
  readonly group: string;
  readonly count: number;
}

export interface JobChangeResult extends EvalResult {
  readonly JobModifyIndex: number;
}

export interface StabilityRequest {
  readonly namespace: string;
  readonly jobId: string;
  readonly version: number;
  readonly stable: boolean;
}

export interface TagRequest {
  readonly namespace: string;
  readonly jobId: string;
  readonly name: string;
  readonly description: string;
  /** The newest, unless given. */
  readonly version?: number;
}

export interface TagResult extends JobVersionTag {
  readonly Version: number;
  readonly Index: number;
}

export interface DeploymentResult extends EvalResult {
  readonly DeploymentModifyIndex: number;
  /** The version that was reverted to, where one was. */
  readonly RevertedJobVersion: number | null;
}

export interface AllocHealthRequest {
  readonly deploymentId: string;
  readonly healthy: readonly string[];
  readonly unhealthy: readonly string[];
}

export interface DrainRequest {
  /** null: a drain that is under way ends. */
  readonly spec: DrainSpec | null;
  /** With a drain that ends: new instances may come again. */
  readonly markEligible: boolean;
  /** What is said of it, kept in the node's LastDrain. */
  readonly meta: Readonly<Record<string, string>> | null;
}

export interface DrainResult {
  readonly EvalIDs: readonly string[];
  readonly EvalCreateIndex: number;
  readonly NodeModifyIndex: number;
  readonly Index: number;
}

export interface PlanRequest {
  readonly Job: JobRequest;
  readonly Diff: boolean;
  /** Ours: planned as going back to that version would have it, without canaries. */
  readonly RevertOf?: number;
}

export interface ServerOperations {
  registerJob(request: RegisterRequest): Promise<RegisterResult>;
  planJob(request: PlanRequest): Promise<PlanResult>;
  validateJob(job: JobRequest): ValidateResult;
  deregisterJob(
    namespace: string,
    jobId: string,
    options: { readonly purge: boolean },
  ): Promise<EvalResult & { readonly JobModifyIndex: number }>;
  evaluateJob(namespace: string, jobId: string, options: { readonly forceReschedule: boolean }): Promise<EvalResult>;
  /** Registers the specification of an earlier version as the newest one. */
  revertJob(request: RevertRequest): Promise<JobChangeResult>;
  /** Registers the job with another count of one group. */
  scaleJob(request: ScaleRequest): Promise<JobChangeResult>;
  setJobStability(request: StabilityRequest): Promise<{ readonly JobModifyIndex: number; readonly Index: number }>;
  /** Names a version of a job: it is not forgotten. */
  tagJobVersion(request: TagRequest): Promise<TagResult>;
  untagJobVersion(request: Pick<TagRequest, 'namespace' | 'jobId' | 'name'>): Promise<{ readonly Index: number }>;
  stopAlloc(allocId: string, options?: { readonly noShutdownDelay: boolean }): Promise<EvalResult>;
  failDeployment(deploymentId: string): Promise<DeploymentResult>;
  pauseDeployment(deploymentId: string): Promise<DeploymentResult>;
  resumeDeployment(deploymentId: string): Promise<DeploymentResult>;
  /** All groups, unless some are named. */
  promoteDeployment(deploymentId: string, groups?: readonly string[]): Promise<DeploymentResult>;
  /** A percentage from 0 to 100; without groups, of all canaries that wait for their promotion. */
  weighDeployment(deploymentId: string, percent: number, groups: readonly string[]): Promise<DeploymentResult>;
  unblockDeployment(deploymentId: string): Promise<DeploymentResult>;
  setAllocHealth(request: AllocHealthRequest): Promise<DeploymentResult>;
  /** Changes what the ingresses do about one instance. */
  overrideIngress(allocId: string, change: OverrideChange): Promise<{ readonly Index: number }>;
  collectGarbage(): Promise<void>;

  registerNode(node: Node): Promise<{ readonly HeartbeatTTLMs: number; readonly Index: number }>;
  heartbeat(nodeId: string): Promise<{ readonly HeartbeatTTLMs: number; readonly Known: boolean }>;
  updateAllocs(nodeId: string, updates: readonly AllocUpdate[]): Promise<{ readonly Index: number }>;
  setEligibility(nodeId: string, eligibility: 'eligible' | 'ineligible'): Promise<EvalResult>;
  /** Begins, changes or ends the drain of a node; its instances leave one after the other, as their groups allow. */
  drainNode(nodeId: string, request: DrainRequest): Promise<DrainResult>;
  /** What the drain of this node waits for; nothing where it does not drain. */
  drainWaits(nodeId: string): readonly DrainWait[];
  purgeNode(nodeId: string): Promise<EvalResult>;

  /** Renews the ingress's lease and takes its word about every server it knows. */
  reportIngress(report: IngressReport): Promise<void>;
  /** The ingress leaves: it owes nothing any more. */
  removeIngress(ingressId: string): Promise<void>;
}

export interface DeploymentWithAllocs {
  readonly deployment: Deployment;
  readonly allocs: readonly Allocation[];
}
