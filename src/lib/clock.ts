/**
 * Time is a parameter everywhere below `agent/`: the simulation runs the same code on a virtual clock.
 * All times are milliseconds since the epoch; the wire's nanoseconds are made from them at the model's edge.
 */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch. May step; never use differences of it to decide safety without a margin. */
  nowMs(): number;
  /** Calls `fn` once after at least `delayMs`. The timer does not keep the process alive by itself. */
  after(delayMs: number, fn: () => void): Timer;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, fn) {
    const handle = setTimeout(fn, Math.min(delayMs, 2 ** 31 - 1));
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `delayMs`, or at once when `signal` aborts: a sleeper looks at the signal, it does not catch. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
