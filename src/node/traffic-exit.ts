/**
 * How an instance leaves the traffic, for good at its end or for as long as a restart takes: requests go elsewhere
 * first, and only then is a task asked to end.
 *
 *   services say "draining" ▸ left Consul ▸ drained by every ingress ▸ shutdown_delay ▸ what it left the traffic for
 */
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Allocation } from '../model/allocation.ts';
import { takesRequests } from '../model/ingress-services.ts';
import type { TaskGroup } from '../model/job.ts';
import type { Conditions } from './conditions.ts';
import { drainDeadlineMs, shutdownDelayMs } from './stop-times.ts';
import { taskNamed } from './task-place.ts';
import type { TaskRunner } from './task-runner.ts';
import type { TaskSequence } from './task-sequence.ts';

export interface TrafficExitDeps {
  /** As it is now: what the ingresses say of it comes with the allocation. */
  readonly instance: { readonly alloc: Allocation; readonly group: TaskGroup };
  readonly sequence: TaskSequence;
  readonly consul: { left(signal: AbortSignal): Promise<void> };
  /** Looked at after every change of the instance. */
  readonly conditions: Conditions;
  /** It has left the traffic, or is back. */
  readonly changed: () => void;
  /** Since when a server answers without a break; undefined: none does. */
  readonly serverHeardSinceMs: () => number | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Waits until a task that is out of the traffic may be asked to end. */
export type ShutdownDelay = (task: TaskRunner) => Promise<void>;

export class TrafficExit {
  readonly #deps: TrafficExitDeps;
  #isFinal = false;
  #absences = 0;
  #hurried = false;

  constructor(deps: TrafficExitDeps) {
    this.#deps = deps;
  }

  /** It ends, and will not be back. */
  get isFinal(): boolean {
    return this.#isFinal;
  }

  /** No request is to come here now. */
  get isOut(): boolean {
    return this.#isFinal || this.#absences > 0;
  }

  /** From now on nothing is waited for; whoever calls it says so to the conditions. */
  hurry(): void {
    this.#hurried = true;
  }

  /**
   * The whole story of an instance's end, whoever wants it (the server, a sibling that failed, the leader's end): leave
   * Consul, drain, wait at least shutdown_delay, signal, kill. What does not run at that moment serves nobody and ends
   * at once.
   */
  async stopGently(leave: AbortSignal): Promise<void> {
    const { clock, sequence, consul, changed } = this.#deps;
    const beganMs = clock.nowMs();
    this.#isFinal = true;
    sequence.killIdle();
    changed();
    await consul.left(leave);
    await this.#drained(beganMs, leave);
    await sequence.killAll((task) => this.#shutdownDelay(task, beganMs, leave), leave);
  }

  /** What is done meanwhile meets no request. */
  async during(work: (delay: ShutdownDelay) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, consul, changed } = this.#deps;
    this.#absences++;
    changed();
    try {
      const beganMs = clock.nowMs();
      await consul.left(signal);
      await this.#drained(beganMs, signal);
      await work((task) => this.#shutdownDelay(task, beganMs, signal));
    } finally {
      this.#absences--;
      changed();
    }
  }

  /**
   * Every ingress says that nothing is in flight here any more; or the deadline has passed, or nothing runs here. What an
   * ingress let in before it knew has the whole deadline as well: it begins anew when all of them have applied the drain,
   * which may be late (an ingress that slept, a server that was away).
   */
  async #drained(sinceMs: number, leave: AbortSignal): Promise<void> {
    const { instance, sequence, conditions, clock, log } = this.#deps;
    if (!takesRequests(instance.group, instance.alloc)) return;
    const limitMs = drainDeadlineMs(instance.group);
    const drained = () => instance.alloc.Traffic?.Drained === true || sequence.isOver || this.#hurried;
    const applied = () => instance.alloc.Traffic?.Applied === true || drained();
    const inTime =
      (await this.#inTime(applied, sinceMs, limitMs, leave)) &&
      (await conditions.until(drained, clock, clock.nowMs() + limitMs, leave));
    if (!inTime && !leave.aborted) {
      log.warn({ owing: instance.alloc.Traffic?.Owing ?? [] }, 'drain deadline passed; stopping all the same');
    }
  }

  /**
   * The ingresses learn of a drain from a server: where none answers, they go on sending requests here. So of an instance
   * that ends for good, the time in which none answered does not count; a restart of its own waits no longer for that.
   */
  async #inTime(holds: () => boolean, sinceMs: number, limitMs: number, leave: AbortSignal): Promise<boolean> {
    const { conditions, clock, serverHeardSinceMs } = this.#deps;
    const deadlineMs = () => Math.max(sinceMs, serverHeardSinceMs() ?? clock.nowMs()) + limitMs;
    for (let untilMs = sinceMs + limitMs; ; untilMs = deadlineMs()) {
      if (await conditions.until(holds, clock, untilMs, leave)) return true;
      if (leave.aborted || !this.#isFinal || deadlineMs() <= clock.nowMs()) return false;
    }
  }

  async #shutdownDelay(task: TaskRunner, sinceMs: number, leave: AbortSignal): Promise<void> {
    const { instance, conditions, clock } = this.#deps;
    if (instance.alloc.DesiredTransition?.NoShutdownDelay === true) return;
    const untilMs = sinceMs + shutdownDelayMs(instance.group, taskNamed(instance.group, task.name));
    if (untilMs <= clock.nowMs()) return;
    await conditions.until(() => task.isDead || this.#hurried, clock, untilMs, leave);
  }
}
