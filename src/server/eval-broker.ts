/**
 * The evaluation broker: hands out pending evaluations, highest priority first, oldest first, one per job at a time.
 * It holds nothing that the state does not: on a start every pending evaluation is enqueued again.
 *
 *   enqueue ─▶ (waiting until WaitUntilMs) ─▶ ready ─▶ dequeue ─▶ ack      done
 *                                               ▲                 nack ──▶ waiting with backoff
 */
import { type BackoffOptions, backoffMs } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import { Wakeup } from '../lib/wakeup.ts';
import type { Evaluation } from '../model/evaluation.ts';
import { jobKey } from './evaluations.ts';

const RETRY: BackoffOptions = { firstMs: 100, maxMs: 20_000 };

export class EvalBroker {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ready: Evaluation[] = [];
  readonly #delayed = new Map<string, Timer>();
  readonly #busyJobs = new Set<string>();
  readonly #known = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #wakeup = new Wakeup();

  constructor(options: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** Takes a pending evaluation; one that it already holds is ignored. */
  enqueue(evaluation: Evaluation): void {
    if (this.#known.has(evaluation.ID)) return;
    this.#known.add(evaluation.ID);
    const delayMs = (evaluation.WaitUntilMs ?? 0) - this.#clock.nowMs();
    if (delayMs > 0) this.#delay(evaluation, delayMs);
    else this.#makeReady(evaluation);
  }

  /** Forgets an evaluation that was cancelled elsewhere. */
  remove(evalId: string): void {
    this.#delayed.get(evalId)?.cancel();
    this.#delayed.delete(evalId);
    const at = this.#ready.findIndex((evaluation) => evaluation.ID === evalId);
    if (at >= 0) this.#ready.splice(at, 1);
    this.#forget(evalId);
  }

  /** The next evaluation whose job is not being evaluated; undefined when the signal aborts. */
  async dequeue(signal: AbortSignal): Promise<Evaluation | undefined> {
    while (!signal.aborted) {
      const next = this.#take();
      if (next) return next;
      await this.#wakeup.wait(signal);
    }
    return undefined;
  }

  /** Done: the job's next evaluation may come. */
  ack(evaluation: Evaluation): void {
    this.#forget(evaluation.ID);
    this.#busyJobs.delete(jobKey(evaluation));
    this.#wakeup.ring();
  }

  /** Failed: the same evaluation comes again after a backoff. Answers how long that is. */
  nack(evaluation: Evaluation): number {
    const attempt = this.#attempts.get(evaluation.ID) ?? 0;
    this.#attempts.set(evaluation.ID, attempt + 1);
    this.#busyJobs.delete(jobKey(evaluation));
    const delayMs = backoffMs(attempt, RETRY, this.#random);
    this.#delay(evaluation, delayMs);
    this.#wakeup.ring();
    return delayMs;
  }

  /** Forgets everything: who runs next reads again what is pending. */
  stop(): void {
    for (const timer of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    this.#known.clear();
    this.#attempts.clear();
    this.#busyJobs.clear();
    this.#ready.length = 0;
  }

  stats(): { readonly ready: number; readonly waiting: number; readonly busy: number } {
    return { ready: this.#ready.length, waiting: this.#delayed.size, busy: this.#busyJobs.size };
  }

  #delay(evaluation: Evaluation, delayMs: number): void {
    const timer = this.#clock.after(delayMs, () => {
      this.#delayed.delete(evaluation.ID);
      this.#makeReady(evaluation);
    });
    this.#delayed.set(evaluation.ID, timer);
  }

  #makeReady(evaluation: Evaluation): void {
    const at = this.#ready.findIndex((other) => comesBefore(evaluation, other));
    if (at < 0) this.#ready.push(evaluation);
    else this.#ready.splice(at, 0, evaluation);
    this.#wakeup.ring();
  }

  #take(): Evaluation | undefined {
    const at = this.#ready.findIndex((evaluation) => !this.#busyJobs.has(jobKey(evaluation)));
    if (at < 0) return undefined;
    const [evaluation] = this.#ready.splice(at, 1);
    this.#busyJobs.add(jobKey(evaluation!));
    return evaluation;
  }

  #forget(evalId: string): void {
    this.#known.delete(evalId);
    this.#attempts.delete(evalId);
  }
}

function comesBefore(a: Evaluation, b: Evaluation): boolean {
  return a.Priority !== b.Priority ? a.Priority > b.Priority : a.CreateIndex < b.CreateIndex;
}
