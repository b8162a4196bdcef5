/**
 * The scheduler's seam: what it needs to know and what it answers. It is pure: state, time, ids and randomness are
 * given to it, and nothing of it is kept between two evaluations.
 */
import type { NewId } from '../lib/ids.ts';
import type { Random } from '../lib/random.ts';
import type { Allocation, AllocMetric } from '../model/allocation.ts';
import type { Deployment, DeploymentStatus } from '../model/deployment.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import type { DesiredUpdates } from '../model/plan.ts';

/** What a node's allocations use until their client status is terminal; kept up to date by the state, never summed here. */
export interface NodeUsage {
  readonly cpu: number;
  readonly memoryMB: number;
  readonly diskMB: number;
  /** Every port held, static and dynamic. */
  readonly ports: ReadonlySet<number>;
  /** Allocations of one job on this node, by "namespace/jobId", for anti-affinity and distinct_hosts. */
  readonly allocsByJob: ReadonlyMap<string, number>;
}

/** The read-only view of the cluster, consistent for the length of one slice. */
export interface ClusterView {
  /** Every node, in a stable order. */
  nodes(): readonly Node[];
  node(nodeId: string): Node | undefined;
  usage(nodeId: string): NodeUsage;
}

export interface ScheduleInput {
  readonly evaluation: Evaluation;
  /** undefined: the job was purged. */
  readonly job: Job | undefined;
  /** Every allocation of the job that the state still knows, all versions. */
  readonly allocs: readonly Allocation[];
  /** The job at an older version: what an allocation of it was started from. */
  readonly jobVersion: (version: number) => Job | undefined;
  /** The job's latest deployment, whatever its status. */
  readonly deployment: Deployment | undefined;
  readonly cluster: ClusterView;
  readonly nowMs: number;
  readonly newId: NewId;
  /** Seeded by the evaluation's id. */
  readonly random: Random;
  /** How nodes are ranked: "binpack" (the default) fills one before it takes the next, "spread" does the opposite. */
  readonly algorithm?: 'binpack' | 'spread';
}

export interface PlannedStop {
  readonly alloc: Allocation;
  readonly description: string;
  /** "lost" where the node cannot say any more. */
  readonly clientStatus?: 'lost';
  readonly followupEvalId?: string;
}

export interface DeploymentUpdate {
  readonly deploymentId: string;
  readonly status: DeploymentStatus;
  readonly description: string;
}

/** Why new allocations of a group are held back now, and until when: what `plan` and `status` say. */
export interface HeldBack {
  readonly reason: 'max_parallel' | 'interval' | 'capacity' | 'start-first';
  readonly count: number;
  readonly untilMs?: number;
}

export interface Plan {
  readonly evalId: string;
  readonly stops: readonly PlannedStop[];
  /** New rows, complete but for the indexes. */
  readonly placements: readonly Allocation[];
  /** Rows that run on under the new job version: only EvalID, JobVersion, DeploymentID, DeploymentStatus and Desired* differ. */
  readonly inPlace: readonly Allocation[];
  /** Failed rows that are tried again later: only FollowupEvalID differs, and that evaluation is among `followups`. */
  readonly delayed?: readonly Allocation[];
  /** Rows whose node is lost and that are waited for, or whose node is back: only Disconnected differs. */
  readonly disconnected?: readonly Allocation[];
  /** A new deployment to create with this plan; its counts of placed allocations are those before the plan: 0. */
  readonly deployment: Deployment | undefined;
  /** The deployment that this plan carries on, new or not; undefined where it belongs to none. */
  readonly deploymentId?: string | undefined;
  readonly deploymentUpdates: readonly DeploymentUpdate[];
  /** Evaluations to create: later reschedules, the next batch of an interval. */
  readonly followups: readonly Evaluation[];
  /** Groups of which not all could be placed, with the counts of nodes per reason. */
  readonly failedGroups: Readonly<Record<string, AllocMetric>>;
  /** Per group: how many wait for room. */
  readonly queued: Readonly<Record<string, number>>;
  /** Computed classes judged, for the blocked evaluation; escaped: a constraint looks at what is unique to a node. */
  readonly classEligibility: Readonly<Record<string, boolean>>;
  readonly escapedComputedClass: boolean;
  /** The counts of this step, per group, as the wire's annotations have them. */
  readonly desired: Readonly<Record<string, DesiredUpdates>>;
  readonly heldBack: Readonly<Record<string, HeldBack>>;
}
