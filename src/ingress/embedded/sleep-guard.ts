/**
 * Notices that this process has slept: stopped by a signal, its machine suspended, its container paused. Whatever came
 * meanwhile is read before any timer runs, and by then instances may have ended and their ports have new owners: the
 * drain's deadline passes for an ingress that cannot speak. So the first request of all asks, and no request is led
 * anywhere until the table is known to be fresh.
 */
import type { Clock } from '../../lib/clock.ts';

export interface SleepGuardOptions {
  readonly clock: Clock;
  /** Resolves when the table is as fresh as it can be; never rejects. */
  readonly refresh: () => Promise<void>;
  /** Requests may be led again. */
  readonly onSure: () => void;
}

/** Four looks of the data plane's timer: a process that is merely busy is seldom so late. */
export const SLEPT_MS = 1000;

export class SleepGuard {
  readonly #options: SleepGuardOptions;
  #lastMs: number | undefined;
  #isUnsure = false;

  constructor(options: SleepGuardOptions) {
    this.#options = options;
  }

  /** Asked before each request is led somewhere, and a few times a second. */
  isUnsure(): boolean {
    const nowMs = this.#options.clock.nowMs();
    const hasSlept = this.#lastMs !== undefined && nowMs - this.#lastMs > SLEPT_MS;
    this.#lastMs = nowMs;
    if (hasSlept && !this.#isUnsure) this.#wake();
    return this.#isUnsure;
  }

  #wake(): void {
    this.#isUnsure = true;
    void this.#options.refresh().then(() => {
      this.#isUnsure = false;
      this.#options.onSure();
    });
  }
}
