/**
 * Ours: what a deployment that has not ended waits for, as a tree: deployment → groups → instances. It is made when it
 * is asked for and kept nowhere; small, however many instances there are.
 */
import type { DeploymentBlocker } from './deployment.ts';

/** How an instance stands in its deployment; in this order: those in trouble first. */
export const InstanceStates = {
  failed: 'it failed',
  lost: 'its node is gone',
  unhealthy: 'it was judged unhealthy',
  restarting: 'a task of it ended and is started again',
  check: 'a check of it fails',
  ingress: 'an ingress has yet to take it',
  starting: 'its tasks do not run yet, or its checks have not answered yet',
  manual: 'somebody must judge its health by hand',
  proving: 'all is well, but not yet for min_healthy_time',
  draining: 'it is told to stop: its requests are finished first',
  healthy: 'it was judged healthy',
  old: 'it runs another version or was there before',
  warm: 'it runs the version before, drained, so that a revert can flip back to it',
} as const;
export type InstanceState = keyof typeof InstanceStates;

export interface DeploymentExplanation {
  /** By name. */
  Groups: GroupExplanation[];
}

export interface GroupExplanation {
  Name: string;
  /** What this group waits for; absent where it is done. */
  Blocker?: DeploymentBlocker;
  /** The timer that will end the wait, or why none runs. */
  Timer: ExplainedTimer;
  /** What requests see meanwhile; absent where no ingress is involved or there is nothing to say. */
  Traffic?: ExplainedTraffic;
  /** Why instances find no place; absent where all did. */
  Capacity?: ExplainedCapacity;
  /** At most ten, those in trouble first. */
  Instances: ExplainedInstance[];
  /** How many more there are, by state. */
  Others: Partial<Record<InstanceState, number>>;
}

export interface ExplainedTimer {
  /** "fails in 4m12s unless another instance becomes healthy (progress_deadline)". */
  Message: string;
  /** When it fires, milliseconds since the epoch; absent where none runs. */
  UntilMs?: number;
  /** What stops it, for whoever shows the time that is left as it passes: "unless another instance becomes healthy …". */
  Unless?: string;
}

export interface ExplainedTraffic {
  Message: string;
  /** What the canaries get of all requests, 0 to 100, where it is a number of its own. */
  CanaryWeight?: number;
}

export interface ExplainedCapacity {
  /** How many instances found no place. */
  Missing: number;
  /** The evaluation that knows more. */
  EvalID: string;
  Reasons: CapacityReason[];
}

export interface CapacityReason {
  /** "memory exhausted on 3 nodes". */
  Message: string;
  /** How many nodes are out for this reason. */
  Nodes: number;
}

export interface ExplainedInstance {
  AllocID: string;
  Name: string;
  NodeName: string;
  JobVersion: number;
  Canary: boolean;
  State: InstanceState;
  /** One clause. */
  Message: string;
}
