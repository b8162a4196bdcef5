/**
 * What the API answers, as far as its readers look: a model's noun, joined, redacted or cut to a stub by the edge.
 * Any field may be missing in the answer of a peer or of another version; readers treat those that are optional as such.
 */
import type {
  Allocation,
  AllocCheckResult,
  AllocMetric,
  AllocServiceStatus,
  AllocTraffic,
  TaskState,
} from '../model/allocation.ts';
import type { Deployment, DeploymentBlocker } from '../model/deployment.ts';
import type { DeploymentExplanation } from '../model/deployment-explanation.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Job, JobVersionTag } from '../model/job.ts';
import type { JobSummary } from '../model/job-summary.ts';
import type { AllocatedPort } from '../model/network.ts';
import type { DrainWait, Node } from '../model/node.ts';
import type { JobDiff, PlanAnnotations } from '../model/plan.ts';
import type { DeploymentTraffic } from '../model/version-figures.ts';

export type JobStub = Pick<Job, 'ID' | 'Name' | 'Type' | 'Priority' | 'Status' | 'Stop' | 'SubmitTime'> & {
  readonly Namespace?: string;
  readonly ParentID?: string;
  readonly Periodic?: boolean;
  readonly ParameterizedJob?: boolean;
  /** Ours: it is an app of Marathon. */
  readonly Marathon?: boolean;
  readonly JobSummary?: JobSummary | null;
};

/** The fields of a stub in lists, which the whole object has as well (there, the version stands in Job). */
export type AllocStub = Pick<
  Allocation,
  | 'ID'
  | 'EvalID'
  | 'Name'
  | 'NodeID'
  | 'NodeName'
  | 'JobID'
  | 'JobVersion'
  | 'TaskGroup'
  | 'DesiredStatus'
  | 'ClientStatus'
  | 'ClientDescription'
  | 'FollowupEvalID'
  | 'CreateIndex'
  | 'ModifyIndex'
  | 'CreateTime'
  | 'ModifyTime'
> & {
  readonly Namespace?: string;
  readonly JobType?: string;
  /** Where it was asked for. */
  readonly AllocatedResources?: AllocatedResources | null;
  readonly DesiredDescription?: string;
  readonly TaskStates?: Record<string, TaskState> | null;
  readonly DeploymentStatus?: Allocation['DeploymentStatus'];
  readonly Disconnected?: Allocation['Disconnected'];
};

export interface AllocatedResources {
  readonly Tasks: Record<
    string,
    { Cpu: { CpuShares: number }; Memory: { MemoryMB: number; MemoryMaxMB?: number } }
  > | null;
  readonly Shared: { DiskMB: number; Ports?: AllocatedPort[] | null };
}

export type AllocView = Omit<AllocStub, 'JobVersion'> & {
  readonly Job?: Job | null;
  readonly JobVersion?: number;
  readonly AllocatedResources?: AllocatedResources | null;
  readonly Metrics?: AllocMetric | null;
  readonly DeploymentID?: string;
  readonly NextAllocation?: string;
  readonly PreviousAllocation?: string;
  readonly RescheduleTracker?: Allocation['RescheduleTracker'];
  readonly Services?: AllocServiceStatus[] | null;
  readonly Traffic?: AllocTraffic | null;
  readonly DesiredTransition?: Allocation['DesiredTransition'] | null;
};

export type DeploymentView = Omit<Deployment, 'CreateTimeMs' | 'ModifyTimeMs'> & {
  readonly Blocker?: DeploymentBlocker | null;
  /** Of one deployment, not of lists. */
  readonly Explanation?: DeploymentExplanation | null;
  /** The same: what each version has served since it began. */
  readonly Traffic?: DeploymentTraffic | null;
};

export type EvalView = Omit<Evaluation, 'WaitUntilMs' | 'FailedTGAllocs'> & {
  readonly FailedTGAllocs?: Record<string, AllocMetric> | null;
  /** A time stamp. */
  readonly WaitUntil?: string | null;
};

export type NodeStub = Pick<
  Node,
  'ID' | 'Datacenter' | 'Name' | 'NodeClass' | 'Drain' | 'SchedulingEligibility' | 'Status' | 'Drivers'
> & {
  readonly Address?: string;
  readonly Version?: string;
  readonly StatusDescription?: string;
  /** Where they were asked for. */
  readonly NodeResources?: Node['NodeResources'] | null;
  readonly ReservedResources?: Node['ReservedResources'] | null;
};

export type NodeView = Omit<Node, 'SecretID'> & {
  /** While it drains. */
  readonly DrainWaits?: readonly DrainWait[];
};

export interface VersionsView {
  readonly Versions: Job[];
  readonly Diffs: JobDiff[] | null;
}

export interface PlanView {
  readonly Annotations: PlanAnnotations | null;
  readonly FailedTGAllocs: Record<string, AllocMetric> | null;
  readonly JobModifyIndex: number;
  readonly Diff: JobDiff | null;
  readonly Warnings?: string;
  /** Ours. */
  readonly Course?: string[];
}

export interface RegisterView {
  readonly EvalID: string;
  readonly JobModifyIndex: number;
  readonly Warnings?: string;
}

export interface EvalCreated {
  readonly EvalID: string;
  readonly RevertedJobVersion?: number | null;
}

export interface ValidateView {
  readonly ValidationErrors: string[] | null;
  readonly Error: string;
  readonly Warnings: string;
}

export interface SearchView {
  /** Ids by kind: "jobs", "evals", "allocs", "nodes", "deployment". */
  readonly Matches: Record<string, string[] | null>;
  readonly Truncations?: Record<string, boolean>;
}

export interface MembersView {
  readonly ServerName: string;
  readonly ServerRegion: string;
  readonly ServerDC: string;
  readonly Members: readonly MemberView[] | null;
}

export interface MemberView {
  readonly Name: string;
  readonly Addr: string;
  readonly Port: number;
  readonly Status: string;
  readonly ProtocolCur: number;
  readonly Tags: Readonly<Record<string, string>>;
}

export interface AgentSelfView {
  readonly stats?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly member?: { readonly Name?: string };
}

/** What an allocation uses now; figures that its node does not measure are missing. */
export interface AllocStatsView {
  readonly ResourceUsage?: ResourceUsage | null;
  readonly Tasks?: Record<string, { ResourceUsage?: ResourceUsage | null } | null> | null;
}

export interface HostStatsView {
  readonly AllocDirStats?: DiskStatsView | null;
  /** Percent. */
  readonly CPU?:
    | readonly {
        readonly CPU: string;
        readonly User: number;
        readonly System: number;
        readonly Idle: number;
      }[]
    | null;
  /** MHz. */
  readonly CPUTicksConsumed?: number;
  readonly DiskStats?: readonly DiskStatsView[] | null;
  /** Bytes. */
  readonly Memory?: {
    readonly Available: number;
    readonly Free: number;
    readonly Total: number;
    readonly Used: number;
  } | null;
  /** Seconds. */
  readonly Uptime?: number;
}

export interface DiskStatsView {
  readonly Available: number;
  readonly Device: string;
  readonly InodesUsedPercent: number;
  readonly Mountpoint: string;
  readonly Size: number;
  readonly Used: number;
  readonly UsedPercent: number;
}

export interface ResourceUsage {
  readonly CpuStats?: { readonly TotalTicks?: number; readonly Measured?: readonly string[] | null } | null;
  readonly MemoryStats?: {
    readonly RSS?: number;
    readonly Usage?: number;
    readonly Measured?: readonly string[] | null;
  } | null;
}

/** A check of an allocation, as its node sees it now. */
export interface CheckView {
  readonly ID: string;
  readonly Check: string;
  readonly Group: string;
  /** "": of the group's service. */
  readonly Task: string;
  readonly Service: string;
  readonly Mode: string;
  /** "success", "failure", "pending". */
  readonly Status: string;
  readonly StatusCode?: number;
  readonly Output: string;
  /** Seconds since the epoch; 0: never looked. */
  readonly Timestamp: number;
  /** Ours, as all below. */
  readonly CheckStatus?: string;
  readonly Successes?: number;
  readonly Failures?: number;
  readonly History?: readonly AllocCheckResult[];
}

export interface TagView extends JobVersionTag {
  readonly Version: number;
}
