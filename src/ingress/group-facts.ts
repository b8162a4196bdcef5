/**
 * What is known of one group of a job while a routing table is planned: which versions have a ready instance, and
 * whether a revert took an older version's place. Counted and compared once a table, whatever the
 * number of allocations.
 */
import type { Allocation } from '../model/allocation.ts';
import { type Deployment, type DeploymentState, isDeploymentActive } from '../model/deployment.ts';
import { findGroup, type Job } from '../model/job.ts';
import { updateKind } from '../model/update-kind.ts';

export interface GroupSources {
  /** The job as it is now; undefined: it was purged. */
  readonly job: Job | undefined;
  readonly group: string;
  readonly jobVersion: (version: number) => Job | undefined;
}

export class GroupFacts {
  readonly #sources: GroupSources;
  /** Ready instances by version; canaries that nobody has promoted do not count. */
  readonly #ready = new Map<number, number>();
  readonly #reverted = new Map<number, boolean>();
  readonly #current = new Map<number, boolean>();

  constructor(sources: GroupSources) {
    this.#sources = sources;
  }

  /** All are counted before anything is asked. */
  countReady(version: number): void {
    this.#ready.set(version, (this.#ready.get(version) ?? 0) + 1);
  }

  get hasReady(): boolean {
    return this.#ready.size > 0;
  }

  /** Whether the running job wants instances of that version as they are. */
  isCurrent(version: number): boolean {
    const { job } = this.#sources;
    const known = this.#current.get(version) ?? (job !== undefined && !job.Stop && this.#areSame(version, job));
    this.#current.set(version, known);
    return known;
  }

  /** Whether a version that was brought back, and has all of its instances, has that one's traffic. */
  isReverted(version: number): boolean {
    const known = this.#reverted.get(version) ?? this.#findRevert(version);
    this.#reverted.set(version, known);
    return known;
  }

  /**
   * The newest decision counts. A version that decided nothing (it is being tried, or only changed the count) leaves
   * things as they were before it.
   */
  #findRevert(version: number): boolean {
    for (let later = this.#sources.job?.Version ?? -1; later > version; later--) {
      const job = this.#jobAt(later);
      if (job === undefined) continue;
      if (this.#areSame(version, job)) return false;
      if (job.RevertOf !== undefined && this.#readySince(job) >= this.#wanted(job)) return true;
    }
    return false;
  }

  /** Those that the version wants as they are, and whatever came after it. */
  #readySince(job: Job): number {
    let count = 0;
    for (const [version, ready] of this.#ready)
      if (version > job.Version || this.#areSame(version, job)) count += ready;
    return count;
  }

  #wanted(job: Job): number {
    return Math.max(1, findGroup(job, this.#sources.group)?.Count ?? 0);
  }

  #areSame(version: number, job: Job): boolean {
    if (version === job.Version) return true;
    const before = this.#jobAt(version);
    return before !== undefined && updateKind(before, job, this.#sources.group) !== 'destructive';
  }

  #jobAt(version: number): Job | undefined {
    const { job, jobVersion } = this.#sources;
    return version === job?.Version ? job : jobVersion(version);
  }
}

/** As many canaries as instances, and no share of their own written down. Older deployments do not say it themselves. */
export function isBlueGreen(state: DeploymentState): boolean {
  if (state.IsBlueGreen !== undefined) return state.IsBlueGreen;
  const { CanaryWeight, DesiredCanaries, DesiredTotal } = state;
  return CanaryWeight === undefined && DesiredCanaries > 0 && DesiredCanaries >= DesiredTotal;
}

/** A canary that nobody has promoted, whatever became of its deployment. */
export function isCanary(alloc: Allocation, deployment: Deployment | undefined): boolean {
  if (alloc.DeploymentStatus?.Canary !== true) return false;
  const state = deployment?.TaskGroups[alloc.TaskGroup];
  // One that a deployment without canaries took over is an instance like any other: nobody will ever promote it.
  return deployment?.Status !== 'successful' && state?.Promoted !== true && state?.DesiredCanaries !== 0;
}

/** Its set was replaced by a promoted one, and the job is not again what it was. */
export const isResting = (alloc: Allocation, facts: GroupFacts): boolean =>
  alloc.RestsUntilMs !== undefined && !facts.isCurrent(alloc.JobVersion);

export const isOnTrial = (deployment: Deployment | undefined, facts: GroupFacts): boolean =>
  isDeploymentActive(deployment) && facts.isCurrent(deployment!.JobVersion);
