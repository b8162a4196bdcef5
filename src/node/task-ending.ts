/**
 * The end of a task that somebody has ordered: what is to come after it, and how the task is brought to it. Whoever
 * orders an end asks here; `TaskRunner` sees the task end, and does what was ordered for then.
 */
import type { Driver, TaskHandle } from '../drivers/driver.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import { msFromNanos } from '../lib/duration.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Task } from '../model/task.ts';
import { AT_ONCE, type KillOptions, killOptions } from './kill-options.ts';
import * as events from './task-events.ts';
import type { TaskRecord } from './task-record.ts';

/** Dead; started again at once; as its policy says of a failure; or begun anew in the order of its group. */
export type Ending = 'kill' | 'restart' | 'unhealthy' | 'rewind';

export interface TaskEndingOptions {
  readonly driver: Driver | undefined;
  readonly task: () => Task;
  /** The node grants no more, whatever the task asks for. */
  readonly maxKillTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export class TaskEnding {
  readonly #options: TaskEndingOptions;
  readonly #record: TaskRecord;
  #ordered: Ending | undefined;
  #atOnce = false;
  /** Cuts a wait short: the delay before a restart. */
  #interrupt = new AbortController();
  /** Aborts a start that nobody wants any more. */
  #unwanted = new AbortController();

  constructor(record: TaskRecord, options: TaskEndingOptions) {
    this.#record = record;
    this.#options = options;
  }

  get ordered(): Ending | undefined {
    return this.#ordered;
  }

  /** Aborts when the start that is being made is not wanted any more. */
  get unwanted(): AbortSignal {
    return this.#unwanted.signal;
  }

  /** Cuts short whatever the task is at: a wait, a start, or the task itself. */
  async order(ending: Ending): Promise<void> {
    this.#ordered = ending;
    this.#interrupt.abort();
    this.#unwanted.abort();
    const handle = this.#record.runningHandle;
    if (handle !== undefined) await this.#stop(handle);
  }

  /** From now on with no regard for the task's kill_timeout. */
  hurry(): void {
    this.#atOnce = true;
  }

  /** Ends what runs, and only that. */
  async orderOf(handle: TaskHandle, ending: Ending): Promise<void> {
    this.#ordered = ending;
    try {
      await this.#ask(handle, this.#killOptions());
    } catch (error) {
      // It runs on, and may be asked again.
      if (this.#ordered === ending) this.#ordered = undefined;
      throw error;
    }
  }

  /** What was ordered has come about. */
  fulfilled(): void {
    this.#ordered = undefined;
  }

  /** The task is to begin anew: what was ordered of its past is over. */
  forget(): void {
    this.#ordered = undefined;
    this.#unwanted = new AbortController();
  }

  /** A wait that any order cuts short. */
  async wait(delayMs: number, leave: AbortSignal): Promise<void> {
    this.#interrupt = new AbortController();
    await sleep(this.#options.clock, delayMs, AbortSignal.any([leave, this.#interrupt.signal]));
  }

  endWait(): void {
    this.#interrupt.abort();
  }

  /** For an order that came while the task could not be asked. */
  stopInBackground(handle: TaskHandle): void {
    this.#stop(handle).catch((error) => {
      this.#options.log.error({ task: this.#name, error: messageOf(error) }, 'task cannot be stopped');
    });
  }

  async #stop(handle: TaskHandle): Promise<void> {
    const how = this.#killOptions();
    this.#record.note(events.killing(how.signal, how.timeoutNanos, how.asked));
    try {
      await this.#ask(handle, how);
    } catch (error) {
      this.#record.note(events.killFailed(messageOf(error)));
      this.#options.log.error({ task: this.#name, error: messageOf(error) }, 'task cannot be killed');
    }
  }

  async #ask(handle: TaskHandle, { signal, timeoutNanos }: KillOptions): Promise<void> {
    await this.#options.driver?.stop(handle, { signal, timeoutMs: msFromNanos(timeoutNanos) });
  }

  #killOptions(): KillOptions {
    const { task, driver, maxKillTimeoutMs } = this.#options;
    return this.#atOnce ? AT_ONCE : killOptions(task(), driver, maxKillTimeoutMs);
  }

  get #name(): string {
    return this.#options.task().Name;
  }
}
