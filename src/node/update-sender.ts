/**
 * Tells the server what became of the allocations: several changes that come together go in one report, and a report
 * that was not acknowledged is made again from what is true then.
 */
import { backoffMs } from '../lib/backoff.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import { Wakeup } from '../lib/wakeup.ts';
import type { AllocUpdate } from '../model/allocation.ts';
import { Conditions } from './conditions.ts';

export interface UpdateSenderOptions {
  /** What is to be said of an allocation now; undefined: nothing any more. */
  readonly build: (allocId: string) => AllocUpdate | undefined;
  readonly send: (updates: readonly AllocUpdate[], signal: AbortSignal) => Promise<void>;
  readonly acknowledged: (update: AllocUpdate) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** How long changes are gathered. Short: a rolling update waits for these reports. */
const GATHER_MS = 5;
const RETRY = { firstMs: 50, maxMs: 2_000 };
const MAX_BATCH = 1_000;
const FLUSH_MS = 1_000;

export class UpdateSender {
  readonly #options: UpdateSenderOptions;
  readonly #due = new Set<string>();
  readonly #wakeup = new Wakeup();
  readonly #idle = new Conditions();
  #isSending = false;

  constructor(options: UpdateSenderOptions) {
    this.#options = options;
  }

  /** Resolves when the server has heard everything, or has not within a second. */
  async flushed(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await this.#idle.until(() => this.#due.size === 0 && !this.#isSending, clock, clock.nowMs() + FLUSH_MS, signal);
  }

  mark(allocId: string): void {
    this.#due.add(allocId);
    this.#wakeup.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      if (this.#due.size === 0) await this.#wakeup.wait(signal);
      await sleep(this.#options.clock, GATHER_MS, signal);
      if (signal.aborted) return;
      failures = (await this.#sendDue(signal)) ? 0 : failures + 1;
      if (failures > 0) await sleep(this.#options.clock, backoffMs(failures - 1, RETRY, this.#options.random), signal);
    }
  }

  async #sendDue(signal: AbortSignal): Promise<boolean> {
    const ids = [...this.#due].slice(0, MAX_BATCH);
    for (const id of ids) this.#due.delete(id);
    const updates = ids.map(this.#options.build).filter((update) => update !== undefined);
    if (updates.length === 0) return true;
    this.#isSending = true;
    try {
      await this.#options.send(updates, signal);
      for (const update of updates) this.#options.acknowledged(update);
      return true;
    } catch (error) {
      for (const id of ids) this.#due.add(id);
      if (!signal.aborted) {
        this.#options.log.warn(
          { error: messageOf(error), updates: updates.length },
          'report to the server failed; trying again',
        );
      }
      return false;
    } finally {
      this.#isSending = false;
      this.#idle.look();
    }
  }
}
