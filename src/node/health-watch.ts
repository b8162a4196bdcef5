/**
 * Watches over an allocation's health for its deployment: asks `alloc-health.ts` after every change and at the very
 * moment when time alone would change the answer. Each deployment gets one verdict, which outlives the agent.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import { msFromNanos } from '../lib/duration.ts';
import type { Allocation, AllocUpdate, TaskState } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import { judgeHealth } from './alloc-health.ts';
import type { CheckState } from './check-state.ts';
import type { SavedHealth } from './client-state.ts';
import { healthFacts } from './health-facts.ts';

export interface HealthView {
  readonly alloc: Allocation;
  readonly group: TaskGroup;
  readonly states: Readonly<Record<string, TaskState>>;
  readonly checks: ReadonlyMap<string, CheckState>;
}

export class HealthWatch {
  readonly #clock: Clock;
  readonly #again: () => void;
  #saved: SavedHealth | null;
  #timer: Timer | undefined;
  #trafficReadySinceMs: number | undefined;

  /** `again` is called when the view is to be looked at once more. */
  constructor(saved: SavedHealth | null, clock: Clock, again: () => void) {
    this.#saved = saved;
    this.#clock = clock;
    this.#again = again;
  }

  get saved(): SavedHealth | null {
    return this.#saved;
  }

  /** The verdict that the server has not acknowledged. */
  get unheard(): AllocUpdate['Healthy'] {
    return this.#saved?.acknowledged === false ? (this.#saved.verdict ?? undefined) : undefined;
  }

  /** Says whether that was the verdict. */
  acknowledge(verdict: AllocUpdate['Healthy']): boolean {
    if (verdict === undefined || this.#saved?.verdict !== verdict) return false;
    this.#saved = { ...this.#saved, acknowledged: true };
    return true;
  }

  /** Answers why the allocation is unhealthy when that has just been decided. */
  look({ alloc, group, states, checks }: HealthView): string | undefined {
    const { DeploymentID, Traffic } = alloc;
    const update = group.Update;
    this.#noteTraffic(Traffic?.Ready === true);
    if (DeploymentID === '' || update === null) return undefined;
    const { deadlineMs, verdict } = this.#forDeployment(DeploymentID, msFromNanos(update.HealthyDeadline));
    if (verdict !== null) return undefined;
    const nowMs = this.#clock.nowMs();
    const trafficReadySinceMs = this.#trafficReadySinceMs;
    const facts = { nowMs, deadlineMs, group, update, states, checks, traffic: Traffic, trafficReadySinceMs };
    const judged = judgeHealth(healthFacts(facts));
    this.#timer?.cancel();
    if (judged.kind === 'undecided') {
      if (Number.isFinite(judged.untilMs)) this.#timer = this.#clock.after(judged.untilMs - nowMs, this.#again);
      return undefined;
    }
    this.#decide(judged.kind === 'healthy', nowMs);
    return judged.kind === 'unhealthy' ? judged.reason : undefined;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #forDeployment(deploymentId: string, patienceMs: number): SavedHealth {
    if (this.#saved?.deploymentId !== deploymentId) {
      const deadlineMs = this.#clock.nowMs() + patienceMs;
      this.#saved = { deploymentId, deadlineMs, verdict: null, acknowledged: false };
    }
    // Written before the clock was set back, it would be waited for that much longer.
    const latestMs = this.#clock.nowMs() + patienceMs;
    if (this.#saved.deadlineMs > latestMs) this.#saved = { ...this.#saved, deadlineMs: latestMs };
    return this.#saved;
  }

  #decide(Healthy: boolean, TimestampMs: number): void {
    if (this.#saved === null) return;
    const verdict = { Healthy, TimestampMs, DeploymentID: this.#saved.deploymentId };
    this.#saved = { ...this.#saved, verdict, acknowledged: false };
  }

  /** By this node's clock: a server's may differ. */
  #noteTraffic(isReady: boolean): void {
    if (!isReady) this.#trafficReadySinceMs = undefined;
    else this.#trafficReadySinceMs ??= this.#clock.nowMs();
  }
}
