/** How a group is updated, migrated, restarted on its node and rescheduled to another. */
import type { Nanos } from './nanos.ts';

export interface UpdateStrategy {
  /** Kept and echoed; it slows nothing (every client fills in 30 s). What a file wrote is BatchInterval. */
  Stagger: Nanos;
  MaxParallel: number;
  HealthCheck: string;
  MinHealthyTime: Nanos;
  HealthyDeadline: Nanos;
  ProgressDeadline: Nanos;
  AutoRevert: boolean;
  AutoPromote: boolean;
  Canary: number;
  /** Ours: the least time between two batches, from a `stagger` that stands in a job file. 0: none. */
  BatchInterval?: Nanos;
  /** Ours: the percentage of requests that canaries get before they are promoted; absent: see `DeploymentState.CanaryWeight`. */
  CanaryWeight?: number;
  /** Ours: how many instances above `count` may run so that new ones start before old ones stop: a number, or "25%" of count. */
  MaxSurge?: number | string;
  /** Ours: how long a promoted blue/green keeps the old set running, drained; a revert flips back to it. 0: not at all. */
  KeepWarm?: Nanos;
}

export interface MigrateStrategy {
  MaxParallel: number;
  HealthCheck: string;
  MinHealthyTime: Nanos;
  HealthyDeadline: Nanos;
}

export interface RestartPolicy {
  Attempts: number;
  Interval: Nanos;
  Delay: Nanos;
  /** "fail" or "delay". */
  Mode: string;
}

export interface ReschedulePolicy {
  Attempts: number;
  Interval: Nanos;
  Delay: Nanos;
  /** "constant", "exponential" or "fibonacci". */
  DelayFunction: string;
  /** Ours: by how much an exponential delay grows; absent: it doubles. */
  DelayFactor?: number;
  MaxDelay: Nanos;
  Unlimited: boolean;
}
