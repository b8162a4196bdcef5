/**
 * Watches every active deployment: wait → decide → act. What it waits for is a change of the deployment or of one of
 * its allocations, or the deadline; what it does is one transaction, and the evaluation that follows from it.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Service } from '../lib/service.ts';
import { Wakeup } from '../lib/wakeup.ts';
import { type Allocation, isTerminal } from '../model/allocation.ts';
import { type Deployment, isDeploymentActive } from '../model/deployment.ts';
import type { Job } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import type { State } from '../state/state.ts';
import type { Change, ReadTx, WriteTx } from '../state/types.ts';
import { type DeploymentDecision, decideDeployment, predecessorsOf } from './deployment-decision.ts';
import { failureFields } from './deployment-failure.ts';
import { newEvaluation } from './evaluations.ts';
import type { IngressSaying } from './instance-state.ts';
import type { PlantedBugs } from './planted-bugs.ts';
import { promote } from './promotion.ts';
import { registerRevert, revertTarget } from './revert.ts';

export interface WatcherOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** What the ingresses say, which is kept in memory only: a part of why a deployment failed. */
  readonly ingresses?: () => readonly IngressSaying[];
  readonly planted?: PlantedBugs;
}

export class DeploymentWatcher implements Service {
  readonly id = 'deployment-watcher';
  readonly #options: WatcherOptions;
  readonly #wakeup = new Wakeup();
  /** Deployments to look at; everything at the start, later what a change names. */
  readonly #due = new Set<string>();
  readonly #timers = new Map<string, Timer>();
  /** The health counts that the last evaluation knew, by deployment: more of them call for the next batch. */
  readonly #evaluated = new Map<string, string>();

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** Notes which deployments a committed change is about. */
  observe(change: Change): void {
    const row = (change.after ?? change.before) as Allocation & Deployment;
    if (change.table === 'deployments') this.#look(row.ID);
    else if (change.table === 'allocs' && row.DeploymentID !== '') this.#look(row.DeploymentID);
    if (change.table === 'allocs' && (turned(change) || left(change))) this.#lookAtJob(row);
  }

  /** An instance of another version recovers, or goes: the deployment may have waited for just that. */
  #lookAtJob({ Namespace, JobID }: Allocation): void {
    const [newest] = this.#options.state.view((tx) => tx.deploymentsByJob(Namespace, JobID));
    if (newest && isDeploymentActive(newest)) this.#look(newest.ID);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { state } = this.#options;
    const active = state.view((tx) => [...tx.deployments()].filter(isDeploymentActive));
    for (const deployment of active) this.#look(deployment.ID);
    while (!signal.aborted) {
      await this.#wakeup.wait(signal);
      for (const id of this.#takeDue()) await this.#step(id);
    }
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #look(deploymentId: string): void {
    this.#due.add(deploymentId);
    this.#wakeup.ring();
  }

  #takeDue(): string[] {
    const due = [...this.#due];
    this.#due.clear();
    return due;
  }

  async #step(deploymentId: string): Promise<void> {
    const { state, clock, planted } = this.#options;
    this.#timers.get(deploymentId)?.cancel();
    this.#timers.delete(deploymentId);
    const deployment = state.view((tx) => tx.deployment(deploymentId));
    if (!deployment || !isDeploymentActive(deployment)) {
      this.#evaluated.delete(deploymentId);
      return;
    }
    const seen = state.view((tx) => situation(tx, deployment, clock.nowMs()));
    const decision = decideDeployment(planted?.watching?.(seen) ?? seen);
    await this.#act(deployment, decision);
  }

  async #act(deployment: Deployment, decision: DeploymentDecision): Promise<void> {
    if (decision.kind === 'wait') {
      this.#wakeAt(deployment.ID, decision.untilMs);
      await this.#evaluateProgress(deployment, decision.batchDue);
      return;
    }
    this.#options.log.info(
      { deployment: deployment.ID, job: deployment.JobID, decision: decision.kind },
      'deployment moved',
    );
    await this.#options.state.update((tx) => this.#write(tx, deployment.ID, decision));
  }

  #write(tx: WriteTx, deploymentId: string, decision: Exclude<DeploymentDecision, { kind: 'wait' }>): void {
    const deployment = tx.deployment(deploymentId);
    const job = deployment && tx.job(deployment.Namespace, deployment.JobID);
    if (!deployment || !job || deployment.Status !== 'running') return;
    if (decision.kind === 'fail') this.#fail(tx, deployment, job, decision);
    else if (decision.kind === 'succeed') this.#succeed(tx, deployment);
    else if (decision.kind === 'promote') this.#promote(tx, deployment, decision.groups);
    else this.#reschedule(tx, decision.allocs);
    this.#evaluate(tx, deployment, job);
  }

  #fail(
    tx: WriteTx,
    deployment: Deployment,
    job: Job,
    decision: { readonly description: string; readonly autoRevert: boolean },
  ): void {
    const { clock, ingresses } = this.#options;
    failDeployment(tx, deployment, job, { ...decision, nowMs: clock.nowMs(), ingresses: ingresses?.() ?? [] });
  }

  #promote(tx: WriteTx, deployment: Deployment, groups: readonly string[]): void {
    const { clock, newId } = this.#options;
    promote(tx, deployment, { groups, nowMs: clock.nowMs(), newId });
  }

  /** Every instance became healthy: this version is one to come back to. */
  #succeed(tx: WriteTx, deployment: Deployment): void {
    tx.putDeployment({
      ...deployment,
      Status: 'successful',
      StatusDescription: 'Deployment completed successfully',
      ModifyTimeMs: this.#options.clock.nowMs(),
    });
    const version = tx.jobVersion(deployment.Namespace, deployment.JobID, deployment.JobVersion);
    if (version) tx.touchJob({ ...version, Stable: true });
  }

  #reschedule(tx: WriteTx, allocs: readonly Allocation[]): void {
    for (const { ID } of allocs) {
      const alloc = tx.alloc(ID);
      if (!alloc) continue;
      tx.putAlloc({
        ...alloc,
        DesiredTransition: { Migrate: null, ForceReschedule: null, ...alloc.DesiredTransition, Reschedule: true },
        ModifyTime: nanosOf(this.#options.clock.nowMs()),
      });
    }
  }

  #evaluate(tx: WriteTx, deployment: Deployment, job: Job): void {
    const { clock, newId } = this.#options;
    tx.putEvaluation(
      newEvaluation(job, { trigger: 'deployment-watcher', nowMs: clock.nowMs(), newId, deploymentId: deployment.ID }),
    );
  }

  /**
   * More healthy instances than the last evaluation knew, or the interval is over: the next batch may go. So it may when
   * a check passes again: what fails for a moment takes from the budget of the update.
   */
  async #evaluateProgress(deployment: Deployment, batchDue: boolean): Promise<void> {
    const health = Object.values(deployment.TaskGroups).map(
      (group) => `${group.HealthyAllocs}/${group.UnhealthyAllocs}`,
    );
    const failing = this.#options.state.view((tx) => failingNow(tx, deployment));
    const counts = `${health.join(' ')} ${failing} failing${batchDue ? ' batch due' : ''}`;
    if (this.#evaluated.get(deployment.ID) === counts) return;
    this.#evaluated.set(deployment.ID, counts);
    if (
      deployment.Status !== 'running' ||
      Object.values(deployment.TaskGroups).every((group) => group.HealthyAllocs === 0)
    )
      return;
    await this.#options.state.update((tx) => {
      const job = tx.job(deployment.Namespace, deployment.JobID);
      if (job) this.#evaluate(tx, deployment, job);
    });
  }

  #wakeAt(deploymentId: string, untilMs: number | undefined): void {
    if (untilMs === undefined) return;
    const delayMs = untilMs - this.#options.clock.nowMs();
    this.#timers.set(
      deploymentId,
      this.#options.clock.after(delayMs, () => this.#look(deploymentId)),
    );
  }
}

/**
 * Ends a deployment as failed and, where its group asks for it, goes back to the latest stable version. Somebody who
 * has registered or stopped the job since has decided otherwise: that is never undone.
 */
export function failDeployment(
  tx: WriteTx,
  deployment: Deployment,
  job: Job,
  failure: {
    readonly description: string;
    readonly autoRevert: boolean;
    readonly nowMs: number;
    readonly ingresses?: readonly IngressSaying[];
  },
): { readonly revertedTo: number | undefined } {
  const isNewest = job.Version === deployment.JobVersion;
  const target = failure.autoRevert && isNewest ? revertTarget(tx, deployment) : undefined;
  tx.putDeployment({
    ...deployment,
    Status: 'failed',
    StatusDescription: failure.description + (target?.words ?? ''),
    ...failureFields(tx, deployment, failure),
    ModifyTimeMs: failure.nowMs,
  });
  if (target?.job) registerRevert(tx, job, target.job, failure.nowMs);
  return { revertedTo: target?.job?.Version };
}

/** Instances of the job that were found healthy, and of which a check fails now. */
function failingNow(tx: ReadTx, { Namespace, JobID, TaskGroups }: Deployment): number {
  return tx.allocsByJob(Namespace, JobID).filter((alloc) => alloc.TaskGroup in TaskGroups && isFailing(alloc)).length;
}

const isFailing = (alloc: Allocation | undefined): boolean =>
  alloc !== undefined &&
  alloc.DesiredStatus === 'run' &&
  alloc.ClientStatus === 'running' &&
  alloc.DeploymentStatus?.Healthy === true &&
  (alloc.Services ?? []).some((service) => service.Status !== 'passing');

const turned = ({ before, after }: Change): boolean =>
  isFailing(before as Allocation | undefined) !== isFailing(after as Allocation | undefined);

const left = ({ before, after }: Change): boolean =>
  isWanted(before as Allocation | undefined) && !isWanted(after as Allocation | undefined);

const isWanted = (alloc: Allocation | undefined): boolean => alloc !== undefined && !isTerminal(alloc);

function situation(tx: ReadTx, deployment: Deployment, nowMs: number) {
  return {
    deployment,
    job: tx.jobVersion(deployment.Namespace, deployment.JobID, deployment.JobVersion),
    allocs: tx.allocsByDeployment(deployment.ID),
    predecessors: predecessorsOf(deployment, tx.allocsByJob(deployment.Namespace, deployment.JobID)),
    nowMs,
  };
}
