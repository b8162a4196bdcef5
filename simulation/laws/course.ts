/** The laws about a deployment's course, which need a memory: its clock, its reverts, its scaling. */
import type { Allocation } from '../../src/model/allocation.ts';
import {
  type Deployment,
  DeploymentDescriptions,
  type DeploymentState,
  isDeploymentActive,
} from '../../src/model/deployment.ts';
import type { Job } from '../../src/model/job.ts';
import { MILLISECOND } from '../../src/model/nanos.ts';
import { specChanged } from '../../src/model/update-kind.ts';
import type { CommittedTransaction, ReadTx } from '../../src/state/types.ts';
import { changesOf, inWords, isServing } from './instances.ts';
import type { Verdicts } from './laws.ts';

/** How long a deployment has been running, pauses left out, and when each group last made progress on that clock. */
interface Clock {
  ranMs: number;
  runningSinceMs: number | undefined;
  wasPaused: boolean;
  readonly progressAt: Map<string, number>;
}

export class CourseLaws {
  readonly #verdicts: Verdicts;
  readonly #clocks = new Map<string, Clock>();
  /** The specifications that were reverted to since a person last had a say. */
  #chain: Job[] = [];
  /** Deployments whose job got another count and nothing else while they ran. */
  readonly #scaled = new Set<string>();
  /** The newest version that was seen to be registered. */
  #newest = 0;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  /** Somebody has registered, reverted or stopped the job: what follows is a new chain. */
  personActs(): void {
    this.#chain = [];
  }

  look(tx: ReadTx, transaction: CommittedTransaction, nowMs: number): void {
    const deployments = changesOf<Deployment>(transaction, 'deployments');
    const ended = deployments.filter(([before, after]) => isDeploymentActive(before) && after?.Status === 'failed');
    for (const [before, after] of changesOf<Job>(transaction, 'jobs')) {
      if (!before || !after || before.Version === after.Version) continue;
      if (ended.length > 0) this.#checkRevert(before, after);
      this.#noteScale(tx, before, after);
    }
    for (const [before, after] of deployments) {
      if (after) this.#followClock(before, after, nowMs);
      if (before && after) this.#checkScaledDeployment(tx, before, after);
    }
    for (const [before, after] of changesOf<Allocation>(transaction, 'allocs')) {
      if (before && after) this.#checkScaledInstance(tx, before, after);
    }
  }

  #checkRevert(before: Job, after: Job): void {
    const same = this.#chain.find((earlier) => !specChanged(earlier, after));
    this.#verdicts.check('stable', specChanged(before, after) && same === undefined, () =>
      same
        ? `version ${after.Version} reverts to what version ${same.Version} was reverted to before`
        : `version ${after.Version} reverts to what version ${before.Version} says`,
    );
    this.#chain.push(after);
  }

  #followClock(before: Deployment | undefined, after: Deployment, nowMs: number): void {
    const clock = this.#clocks.get(after.ID) ?? newClock(after.CreateTimeMs);
    this.#clocks.set(after.ID, clock);
    // What a crash kept from us: it was resumed by its last change before this one.
    if (before?.Status === 'running') clock.runningSinceMs ??= before.ModifyTimeMs;
    if (clock.runningSinceMs !== undefined) clock.ranMs += nowMs - clock.runningSinceMs;
    clock.runningSinceMs = after.Status === 'running' ? nowMs : undefined;
    if (isDeploymentActive(before) && after.Status === 'failed') this.#checkClock(before!, after, clock);
    if (after.Status === 'paused') clock.wasPaused = true;
    for (const [name, state] of Object.entries(after.TaskGroups)) {
      if (madeProgress(before?.TaskGroups[name], state)) clock.progressAt.set(name, clock.ranMs);
    }
  }

  #checkClock(before: Deployment, after: Deployment, clock: Clock): void {
    if (!after.StatusDescription.startsWith(DeploymentDescriptions.progressDeadline)) return;
    const isDue = Object.entries(after.TaskGroups).some(
      ([name, { ProgressDeadline }]) =>
        ProgressDeadline > 0 && clock.ranMs - (clock.progressAt.get(name) ?? 0) >= ProgressDeadline / MILLISECOND - 10,
    );
    this.#verdicts.check('clock', before.Status !== 'paused' && isDue, () =>
      before.Status === 'paused'
        ? `deployment of version ${after.JobVersion} ran out of time while it was paused`
        : `deployment of version ${after.JobVersion} ran out of time early${clock.wasPaused ? ': it had been paused' : ''}`,
    );
  }

  /** Another count, nothing else, and the deployment of the version before goes on. */
  #noteScale(tx: ReadTx, before: Job, after: Job): void {
    this.#newest = after.Version;
    if (!isScale(before, after)) {
      this.#scaled.clear();
      return;
    }
    const deployment = tx.deploymentsByJob(before.Namespace, before.ID)[0];
    if (deployment && isDeploymentActive(deployment)) this.#scaled.add(deployment.ID);
  }

  #checkScaledDeployment(tx: ReadTx, before: Deployment, after: Deployment): void {
    // A crash may have kept a later version from us, which was more than a scale.
    const isNewest = tx.job(before.Namespace, before.JobID)?.Version === this.#newest;
    if (!isNewest || !this.#scaled.has(before.ID) || !isDeploymentActive(before) || isDeploymentActive(after)) return;
    this.#verdicts.check(
      'scale',
      after.StatusDescription !== DeploymentDescriptions.newerJob,
      () => `the deployment of version ${before.JobVersion} was cancelled by a new count`,
    );
  }

  #checkScaledInstance(tx: ReadTx, before: Allocation, after: Allocation): void {
    if (before.DeploymentID === '' || !this.#scaled.has(before.DeploymentID)) return;
    const deployment = tx.deployment(before.DeploymentID);
    if (!deployment || !isDeploymentActive(deployment)) return;
    const isPromoted = deployment.TaskGroups[after.TaskGroup]?.Promoted === true;
    if (before.DeploymentStatus?.Canary && !isPromoted && after.DesiredStatus === 'run') {
      const stays = after.DeploymentStatus?.Canary === true && after.DeploymentID === before.DeploymentID;
      this.#verdicts.check('scale', stays, () => `a new count made ${inWords(before)} be no canary any more`);
    }
    if (
      before.DesiredStatus !== 'run' ||
      after.DesiredStatus === 'run' ||
      !isServing(before) ||
      !before.DeploymentStatus?.Healthy
    )
      return;
    this.#verdicts.check(
      'scale',
      after.DesiredDescription !== 'alloc is being updated due to job update',
      () => `a new count replaced ${inWords(before)}, which was of the new version`,
    );
  }
}

const newClock = (runningSinceMs: number): Clock => ({
  ranMs: 0,
  runningSinceMs,
  wasPaused: false,
  progressAt: new Map(),
});

/** What starts the time anew: an instance became healthy, the group was promoted, the first was placed. */
function madeProgress(before: DeploymentState | undefined, after: DeploymentState): boolean {
  return (
    before === undefined ||
    after.HealthyAllocs > before.HealthyAllocs ||
    (after.Promoted && !before.Promoted && after.DesiredCanaries > 0) ||
    (after.PlacedAllocs > 0 && before.PlacedAllocs === 0)
  );
}

/** A revert is none, even if another count is all that it brings back. */
function isScale(before: Job, after: Job): boolean {
  if (after.RevertOf !== before.RevertOf) return false;
  const counts = new Map(after.TaskGroups.map((group) => [group.Name, group.Count]));
  const scaled = {
    ...before,
    TaskGroups: before.TaskGroups.map((group) => ({ ...group, Count: counts.get(group.Name) ?? group.Count })),
  };
  return specChanged(before, after) && !specChanged(scaled, after);
}
