/** How late the event loop of this process is: a timer of 1 ms, and how much later than that it fires. */

export interface LoopDelay {
  /** Milliseconds; each stands for one turn of the timer. */
  readonly samples: readonly number[];
}

export function watchLoopDelay(): { stop(): LoopDelay } {
  const samples: number[] = [];
  let before = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    samples.push(Math.max(0, now - before - 1));
    before = now;
  }, 1);
  return {
    stop() {
      clearInterval(timer);
      // What the timer has not yet seen counts as well: the loop may have stood still up to now.
      samples.push(Math.max(0, performance.now() - before - 1));
      return { samples };
    },
  };
}
