/**
 * One task of an allocation on this node, from its first start to its last end:
 *
 *   pending ──start──▶ running ──ends──▶ pending (restarts, after its policy's delay)
 *      └──────────── fails, is killed, or has done its work ────────────▶ dead
 *
 * What must outlive the agent is in `SavedTask`; the alloc runner keeps it on disk. The id of a start is saved before
 * the driver is asked, so that an agent that dies in between neither loses the task nor starts it twice.
 */
import type { Driver, ExitResult, TaskConfig, TaskHandle } from '../drivers/driver.ts';
import { isSuccess } from '../drivers/driver.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import { msFromNanos } from '../lib/duration.ts';
import { messageOf } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import type { TaskState } from '../model/allocation.ts';
import type { JobType } from '../model/job.ts';
import { timestampOf } from '../model/nanos.ts';
import type { RestartPolicy } from '../model/policies.ts';
import type { Task } from '../model/task.ts';
import { decideRestart, NO_RESTARTS, type RestartHistory } from './restart-policy.ts';
import * as events from './task-events.ts';

export interface SavedTask {
  readonly state: TaskState;
  /** The id of the start that runs or is being made. */
  readonly startId: string | null;
  readonly handle: TaskHandle | null;
  readonly history: RestartHistory;
}

export interface TaskRunnerOptions {
  readonly driver: Driver | undefined;
  /** As they are now: an in-place update changes them under a running task. */
  readonly task: () => Task;
  readonly policy: () => RestartPolicy;
  readonly jobType: JobType;
  readonly configOf: (startId: string) => TaskConfig;
  readonly saved: SavedTask | undefined;
  /** Something changed that others may want to know. */
  readonly changed: () => void;
  /** Returns only when what `saved()` says is on disk; throws where that cannot be. */
  readonly save: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly log: Log;
}

export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  #state: TaskState;
  #startId: string | null;
  #handle: TaskHandle | null;
  #history: RestartHistory;
  #ending: 'kill' | 'restart' | undefined;
  #atOnce = false;
  /** Cuts a wait short: the delay before a restart. */
  #interrupt = new AbortController();
  /** Aborts a start that nobody wants any more. */
  readonly #unwanted = new AbortController();

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
    this.#state = options.saved?.state ?? NEW_STATE;
    this.#startId = options.saved?.startId ?? null;
    this.#handle = options.saved?.handle ?? null;
    this.#history = options.saved?.history ?? NO_RESTARTS;
  }

  get name(): string {
    return this.#options.task().Name;
  }

  get state(): TaskState {
    return this.#state;
  }

  get handle(): TaskHandle | undefined {
    return this.#handle ?? undefined;
  }

  get isRunning(): boolean {
    return this.#state.State === 'running';
  }

  get isDead(): boolean {
    return this.#state.State === 'dead';
  }

  saved(): SavedTask {
    return { state: this.#state, startId: this.#startId, handle: this.#handle, history: this.#history };
  }

  /** Resolves when the task is dead; or, with the task running on, when `leave` aborts. */
  async run(leave: AbortSignal): Promise<void> {
    if (this.isDead) return;
    if (this.#state.Events.length === 0) this.#note(events.received, events.setup);
    await this.#recover();
    while (!this.isDead && !leave.aborted) {
      if (this.#ending === 'kill') this.#die(false);
      else await this.#runOnce(leave);
    }
  }

  /** Resolves when the signal was sent; `run` resolves when the task has ended. */
  async kill(reason?: string): Promise<void> {
    if (this.isDead || this.#ending === 'kill') return;
    this.#ending = 'kill';
    this.#interrupt.abort();
    this.#unwanted.abort();
    if (this.#handle !== null && this.isRunning) await this.#stop(this.#handle, reason);
  }

  /** Ends the task with no regard for its kill_timeout, also one that is being ended gently. */
  async killAtOnce(): Promise<void> {
    if (this.isDead) return;
    this.#atOnce = true;
    this.#ending = 'kill';
    this.#interrupt.abort();
    this.#unwanted.abort();
    if (this.#handle !== null && this.isRunning) await this.#stop(this.#handle);
  }

  /** Ends the task and starts it again, whatever its policy. */
  async restart(reason: string): Promise<void> {
    if (this.isDead || this.#ending !== undefined) return;
    this.#note(events.restartSignaled(reason));
    if (this.#handle === null || !this.isRunning) return this.#interrupt.abort();
    this.#ending = 'restart';
    const { KillSignal, KillTimeout } = this.#options.task();
    const stop = { signal: KillSignal || this.#defaultKillSignal, timeoutMs: msFromNanos(KillTimeout) };
    await this.#options.driver?.stop(this.#handle, stop);
  }

  async signal(signal: string): Promise<void> {
    if (this.#handle === null || !this.isRunning) return;
    this.#note(events.signaling(signal));
    await this.#options.driver?.signal(this.#handle, signal);
  }

  /** The kill runs on by itself; `run` resolves when it is done. */
  killInBackground(): void {
    this.kill().catch((error) => {
      this.#options.log.error({ task: this.name, error: messageOf(error) }, 'task cannot be killed');
    });
  }

  /** Ends a task that never ran. */
  abandon(): void {
    if (!this.isDead) this.#die(false);
  }

  fail(event: events.NewTaskEvent): void {
    if (this.isDead) return;
    this.#note(event);
    this.#die(true);
  }

  note(event: events.NewTaskEvent): void {
    this.#note(event);
  }

  async #recover(): Promise<void> {
    if (this.#startId === null || this.#options.driver === undefined) return;
    const handle = await this.#options.driver.recover(this.#startId, this.#handle ?? undefined);
    this.#handle = handle ?? null;
    if (handle === undefined) this.#startId = null;
    else if (!this.isRunning) this.#markStarted();
  }

  async #runOnce(leave: AbortSignal): Promise<void> {
    const handle = this.#handle ?? (await this.#start(leave));
    if (handle === undefined) return leave.aborted ? undefined : this.#pause(this.#afterEnd(false), leave);
    const result = await this.#wait(handle, leave);
    if (result === undefined) return;
    this.#markEnded(result);
    const delayMs = this.#afterEnd(isSuccess(result));
    // Saved first: whoever finds the task without its record must not take it for one that never ran.
    if (this.#isKept()) await this.#options.driver?.destroy(handle);
    await this.#pause(delayMs, leave);
  }

  /** On a disk that is full the driver's own record is all that the next agent has. */
  #isKept(): boolean {
    try {
      this.#options.save();
      return true;
    } catch {
      return false;
    }
  }

  async #wait(handle: TaskHandle, leave: AbortSignal): Promise<ExitResult | undefined> {
    try {
      return await this.#options.driver?.wait(handle, leave);
    } catch (error) {
      this.#options.log.error({ task: this.name, error: messageOf(error) }, 'task cannot be watched');
      return { exitCode: -1, signal: 0, oomKilled: false, unknown: messageOf(error) };
    }
  }

  /** undefined when the driver could not start it: an event says why. */
  async #start(leave: AbortSignal): Promise<TaskHandle | undefined> {
    const driver = this.#options.driver;
    if (driver === undefined) return this.#fail(`driver "${this.#options.task().Driver}" is not on this node`);
    this.#startId = this.#options.newId();
    try {
      this.#options.save();
      const config = this.#options.configOf(this.#startId);
      const problems = driver.validateConfig(config.config);
      if (problems.length > 0) return this.#reject(problems.join('; '));
      this.#handle = await driver.start(config, {
        note: (message, details) => this.#note(events.driverNote(message, details)),
        signal: AbortSignal.any([leave, this.#unwanted.signal]),
      });
    } catch (error) {
      return this.#notStarted(error, leave);
    }
    this.#markStarted();
    // What was ordered while it started.
    if (this.#ending === 'kill') await this.#stop(this.#handle);
    return this.#handle;
  }

  #notStarted(error: unknown, leave: AbortSignal): undefined {
    // The next agent asks the driver by the start's id what has become of it.
    if (leave.aborted) return;
    if (!this.#unwanted.signal.aborted) return this.#fail(messageOf(error));
    this.#startId = null;
  }

  #fail(message: string): undefined {
    this.#startId = null;
    this.#note(events.driverFailure(message));
  }

  /** A wrong config stays wrong: no policy helps. */
  #reject(message: string): undefined {
    this.#startId = null;
    this.#note(events.invalidConfig(message));
    this.#die(true);
  }

  /** Decides what comes next; answers the delay before it. */
  #afterEnd(succeeded: boolean): number {
    const ending = this.#ending;
    this.#ending = undefined;
    if (this.isDead) return 0;
    if (ending === 'kill') {
      this.#note(events.killed);
      this.#die(false);
      return 0;
    }
    return ending === 'restart' ? this.#prepareRestart(0, '') : this.#followPolicy(succeeded);
  }

  #followPolicy(succeeded: boolean): number {
    const decision = decideRestart({
      policy: this.#options.policy(),
      jobType: this.#options.jobType,
      succeeded,
      history: this.#history,
      nowMs: this.#options.clock.nowMs(),
      random: this.#options.random,
    });
    if (decision.kind === 'restart') {
      this.#history = decision.history;
      return this.#prepareRestart(decision.delayMs, decision.reason);
    }
    if (decision.kind === 'fail') this.#note(events.notRestarting(decision.reason));
    this.#die(decision.kind === 'fail');
    return 0;
  }

  #prepareRestart(delayMs: number, reason: string): number {
    const LastRestart = timestampOf(this.#options.clock.nowMs());
    this.#set({ State: 'pending', Restarts: this.#state.Restarts + 1, LastRestart });
    this.#note(events.restarting(delayMs, reason));
    return delayMs;
  }

  async #pause(delayMs: number, leave: AbortSignal): Promise<void> {
    if (delayMs === 0 || this.isDead || this.#ending === 'kill') return;
    this.#interrupt = new AbortController();
    await sleep(this.#options.clock, delayMs, AbortSignal.any([leave, this.#interrupt.signal]));
  }

  async #stop(handle: TaskHandle, reason?: string): Promise<void> {
    const { signal, timeoutNanos } = this.#killOptions();
    this.#note(events.killing(signal, timeoutNanos, reason));
    try {
      await this.#options.driver?.stop(handle, { signal, timeoutMs: msFromNanos(timeoutNanos) });
    } catch (error) {
      this.#note(events.killFailed(messageOf(error)));
      this.#options.log.error({ task: this.name, error: messageOf(error) }, 'task cannot be killed');
    }
  }

  #killOptions(): { readonly signal: string; readonly timeoutNanos: number } {
    if (this.#atOnce) return { signal: 'SIGKILL', timeoutNanos: 0 };
    const { KillSignal, KillTimeout } = this.#options.task();
    return { signal: KillSignal || this.#defaultKillSignal, timeoutNanos: KillTimeout };
  }

  get #defaultKillSignal(): string {
    return this.#options.driver?.killSignal ?? DEFAULT_KILL_SIGNAL;
  }

  #markStarted(): void {
    this.#set({ State: 'running', StartedAt: timestampOf(this.#options.clock.nowMs()), FinishedAt: null });
    this.#note(events.started);
  }

  #markEnded(result: ExitResult): void {
    this.#handle = null;
    this.#startId = null;
    this.#set({ State: 'pending', FinishedAt: timestampOf(this.#options.clock.nowMs()) });
    this.#note(events.terminated(result));
  }

  #die(failed: boolean): void {
    const FinishedAt = this.#state.FinishedAt ?? timestampOf(this.#options.clock.nowMs());
    this.#set({ State: 'dead', Failed: failed, FinishedAt });
    this.#options.changed();
  }

  #set(change: Partial<TaskState>): void {
    this.#state = { ...this.#state, ...change };
  }

  #note(...added: events.NewTaskEvent[]): void {
    const nowMs = this.#options.clock.nowMs();
    const all = [...this.#state.Events, ...added.map((event) => events.at(event, nowMs))];
    this.#set({ Events: all.slice(-events.MAX_EVENTS) });
    this.#options.changed();
  }
}

const DEFAULT_KILL_SIGNAL = 'SIGINT';

const NEW_STATE: TaskState = {
  State: 'pending',
  Failed: false,
  Restarts: 0,
  LastRestart: null,
  StartedAt: null,
  FinishedAt: null,
  Events: [],
};
