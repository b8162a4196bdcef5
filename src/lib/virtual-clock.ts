/** A clock that moves only when told to: tests and the simulation run hours in milliseconds, in one fixed order. */
import type { Clock, Timer } from './clock.ts';

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly fn: () => void;
}

export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, fn: () => void): Timer {
    const pending = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, fn };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** The time of the next timer, or undefined when nothing waits. */
  nextMs(): number | undefined {
    return this.#next()?.atMs;
  }

  /** Runs the next timer, if it is due by `untilMs`; moves the clock to it. Says whether one ran. */
  runNext(untilMs = Number.POSITIVE_INFINITY): boolean {
    const next = this.#next();
    if (next === undefined || next.atMs > untilMs) return false;
    this.#pending.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.fn();
    return true;
  }

  /** Moves to `this.nowMs() + deltaMs`, running what is due, and lets promises settle between timers. */
  async advance(deltaMs: number): Promise<void> {
    const untilMs = this.#nowMs + deltaMs;
    await settle();
    while (this.runNext(untilMs)) await settle();
    this.#nowMs = untilMs;
  }

  #next(): Pending | undefined {
    let first: Pending | undefined;
    for (const each of this.#pending) {
      if (!first || each.atMs < first.atMs || (each.atMs === first.atMs && each.order < first.order)) first = each;
    }
    return first;
  }
}

/** Lets every promise that can settle do so: one turn of the real event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
