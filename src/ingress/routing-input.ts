/** What the routing table is made of. */
import type { Allocation } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Job } from '../model/job.ts';

export interface RoutingInput {
  readonly index: number;
  /** Every job as it is now: its routes stand open, and hold requests, before its first instance serves. Read more than once. */
  readonly jobs: readonly Job[];
  /** The job as it was at an allocation's version; undefined: forgotten. */
  readonly jobVersion: (namespace: string, jobId: string, version: number) => Job | undefined;
  readonly allocs: Iterable<Allocation>;
  readonly deployments: Iterable<Deployment>;
}
