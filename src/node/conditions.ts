/** Waiting for something to become true of a state that others change: whoever changes it calls `look`. */
import type { Clock } from '../lib/clock.ts';

export class Conditions {
  readonly #waiting = new Set<() => void>();

  look(): void {
    for (const each of [...this.#waiting]) each();
  }

  /** Resolves with true when `holds` does, with false at `deadlineMs` or when the signal aborts, whichever is first. */
  until(holds: () => boolean, clock: Clock, deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (result: boolean) => {
        this.#waiting.delete(check);
        timer?.cancel();
        signal?.removeEventListener('abort', give);
        resolve(result);
      };
      const check = () => {
        if (holds()) settle(true);
      };
      const give = () => settle(false);
      const timer = Number.isFinite(deadlineMs) ? clock.after(deadlineMs - clock.nowMs(), give) : undefined;
      this.#waiting.add(check);
      signal?.addEventListener('abort', give, { once: true });
      if (signal?.aborted) give();
      else check();
    });
  }
}
