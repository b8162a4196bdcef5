/** What reconciling one group asks for, before anything is placed. */
import type { Allocation } from '../../model/allocation.ts';
import type { DeploymentState } from '../../model/deployment.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import type { DesiredUpdates } from '../../model/plan.ts';
import type { HeldBack, PlannedStop } from '../types.ts';

/** One instance that wants a node. */
export interface PlacementRequest {
  /** The version to run: an instance that is only kept up keeps its own. */
  readonly job: Job;
  readonly group: TaskGroup;
  readonly name: string;
  /** "" where it belongs to no deployment. */
  readonly deploymentId: string;
  readonly previous?: Allocation;
  readonly tracker: Allocation['RescheduleTracker'];
  /** Nodes on which this instance failed: taken only when others are no better. */
  readonly avoidNodes: readonly string[];
  /** It runs beside the instance of its name until somebody promotes its version. */
  readonly isCanary: boolean;
  /** The stop that a successful placement brings with it. */
  readonly stop?: PlannedStop;
  /**
   * "placed": as soon as there is room. "in its room": the predecessor goes on unless its very room is needed. "proven":
   * it goes on whatever happens, and where there is no room for two nothing is placed.
   */
  readonly stopWhen: 'placed' | 'in its room' | 'proven';
}

/** How the deployment begins where an update needs canaries: what is decided then holds until its end. */
export type CanaryStart = Pick<
  DeploymentState,
  'DesiredCanaries' | 'BaseCount' | 'IsBlueGreen' | 'CanaryWeight' | 'KeepWarm'
>;

export interface GroupDecision {
  readonly group: string;
  readonly stops: readonly PlannedStop[];
  /** Stops that wait until another group of the same service has taken over. */
  readonly waiting: readonly PlannedStop[];
  /** Instances of this version that are not yet found healthy: more may be stopped when they are. */
  readonly unproven: number;
  readonly inPlace: readonly Allocation[];
  readonly delayed: readonly Allocation[];
  readonly disconnected: readonly Allocation[];
  readonly requests: readonly PlacementRequest[];
  readonly followups: readonly Evaluation[];
  readonly desired: DesiredUpdates;
  readonly heldBack: HeldBack | undefined;
  /** How the group's deployment begins where it begins with canaries. */
  readonly canaryStart: CanaryStart | undefined;
}

/** The wire's words. */
export const StopReasons = {
  notNeeded: 'alloc not needed due to job update',
  updating: 'alloc is being updated due to job update',
  migrating: 'alloc is being migrated',
  lost: 'alloc is lost since its node is down',
  rescheduled: 'alloc was rescheduled because it failed',
} as const;

/** Collects a decision, step by step. */
export class Draft {
  readonly stops: PlannedStop[] = [];
  readonly waiting: PlannedStop[] = [];
  unproven = 0;
  readonly inPlace: Allocation[] = [];
  readonly delayed: Allocation[] = [];
  readonly disconnected: Allocation[] = [];
  readonly requests: PlacementRequest[] = [];
  readonly followups: Evaluation[] = [];
  readonly desired: DesiredUpdates = noUpdates();
  heldBack: HeldBack | undefined;
  canaryStart: CanaryStart | undefined;
  readonly #group: string;

  constructor(group: string) {
    this.#group = group;
  }

  stop(alloc: Allocation, description: string): void {
    this.stops.push({ alloc, description });
  }

  lose(alloc: Allocation): void {
    this.stops.push({ alloc, description: StopReasons.lost, clientStatus: 'lost' });
  }

  done(): GroupDecision {
    return { ...this, group: this.#group };
  }
}

export function noUpdates(): DesiredUpdates {
  return {
    Ignore: 0,
    Place: 0,
    Migrate: 0,
    Stop: 0,
    InPlaceUpdate: 0,
    DestructiveUpdate: 0,
    Canary: 0,
    Preemptions: 0,
  };
}
