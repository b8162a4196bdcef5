/**
 * One task of an allocation on this node, from its first start to its last end:
 *
 *   pending ──start──▶ running ──ends──▶ pending (restarts, after its policy's delay)
 *      └──────────── fails, is killed, or has done its work ────────────▶ dead
 *
 * What is known of it is in its `TaskRecord`, which the alloc runner keeps on disk; ends that somebody orders go through
 * `TaskEnding`. The id of a start is saved before the driver is asked, so that an agent that dies in between neither
 * loses the task nor starts it twice.
 */
import type { Driver, ExitResult, TaskConfig, TaskHandle } from '../drivers/driver.ts';
import { isSuccess } from '../drivers/driver.ts';
import { assertNever } from '../lib/assert.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import type { TaskState } from '../model/allocation.ts';
import type { RestartPolicy } from '../model/policies.ts';
import type { Task } from '../model/task.ts';
import { findAgain } from './find-again.ts';
import { decideRestart, type RestartQuestion } from './restart-policy.ts';
import { TaskEnding } from './task-ending.ts';
import * as events from './task-events.ts';
import { type SavedTask, TaskRecord } from './task-record.ts';

export interface TaskRunnerOptions {
  readonly driver: Driver | undefined;
  /** As they are now: an in-place update changes them under a running task. */
  readonly task: () => Task;
  readonly policy: () => RestartPolicy;
  /** A success is its end: see `endsByItself`. */
  readonly endsByItself: () => boolean;
  /** What it may have done already it must not do again. */
  readonly onlyOnce: () => boolean;
  /** The node grants no more, whatever the task asks for. */
  readonly maxKillTimeoutMs: number;
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
  readonly #record: TaskRecord;
  readonly #ending: TaskEnding;
  /** `run` watches over it. */
  #active = false;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
    this.#record = new TaskRecord(options.saved, options.clock, options.changed);
    this.#ending = new TaskEnding(this.#record, options);
  }

  get name(): string {
    return this.#options.task().Name;
  }

  get state(): TaskState {
    return this.#record.state;
  }

  get handle(): TaskHandle | undefined {
    return this.#record.handle;
  }

  get isRunning(): boolean {
    return this.#record.isRunning;
  }

  get isDead(): boolean {
    return this.#record.isDead;
  }

  /** It has run since its turn came. */
  get hasStarted(): boolean {
    return this.#record.hasStarted;
  }

  /** It runs, ran, or may have been started by an agent that could not write down more. */
  get hasBegun(): boolean {
    return this.#record.hasBegun;
  }

  saved(): SavedTask {
    return this.#record.saved();
  }

  receive(): void {
    if (this.state.Events.length === 0) this.note(events.received);
  }

  /** Finds again what an earlier agent started. */
  async recover(leave: AbortSignal): Promise<void> {
    const { driver, clock } = this.#options;
    const { startId } = this.#record;
    if (this.isDead || startId === undefined || driver === undefined) return;
    const handle = await findAgain(driver, startId, this.#record, clock, leave);
    if (!leave.aborted) this.#record.found(handle);
  }

  /** Resolves when the task is dead; or, with the task running on, when `leave` aborts. */
  async run(leave: AbortSignal): Promise<void> {
    if (this.isDead || leave.aborted) return;
    this.#active = true;
    try {
      if (this.state.Events.length <= 1) this.note(events.setup);
      // What was ordered while it was looked for.
      if (this.#ending.ordered === 'kill' && this.handle !== undefined) this.#ending.stopInBackground(this.handle);
      while (!this.isDead && !leave.aborted && this.#ending.ordered !== 'rewind') await this.#runOnce(leave);
    } finally {
      this.#active = false;
    }
  }

  /** Resolves when the task has ended; one that never began is dead at once. */
  async kill(): Promise<void> {
    if (this.isDead || this.#ending.ordered === 'kill') return;
    await this.#ending.order('kill');
    this.#dieUnlessWatched();
  }

  /** Ends the task with no regard for its kill_timeout, also one that is being ended gently. */
  async killAtOnce(): Promise<void> {
    if (this.isDead) return;
    this.#ending.hurry();
    await this.#ending.order('kill');
    this.#dieUnlessWatched();
  }

  /** The kill runs on by itself; `run` resolves when it is done. */
  killInBackground(): void {
    this.kill().catch((error) => {
      this.#options.log.error({ task: this.name, error: messageOf(error) }, 'task cannot be killed');
    });
  }

  /** Ends the task and starts it again, whatever its policy. */
  async restart(reason: string): Promise<void> {
    if (this.isDead || this.#ending.ordered !== undefined) return;
    this.noteRestart(reason);
    const handle = this.#record.runningHandle;
    if (handle === undefined) return this.#ending.endWait();
    await this.#ending.orderOf(handle, 'restart');
  }

  /** Ends the task as if it had failed: its policy says whether and when it is started again. */
  async failCheck(reason: string): Promise<void> {
    const handle = this.#record.runningHandle;
    if (this.#ending.ordered !== undefined || handle === undefined) return;
    this.noteRestart(reason);
    await this.#ending.orderOf(handle, 'unhealthy');
  }

  /** Ends the task and has `run` resolve, so that it can begin anew in the order of its group. */
  async endForRewind(): Promise<void> {
    if (!this.isDead && this.#ending.ordered === undefined) await this.#ending.order('rewind');
  }

  /** As if it had never run, but for what it has to tell. */
  rewind(): void {
    if (this.#ending.ordered === 'kill') return;
    this.#ending.forget();
    this.#record.rewind();
  }

  noteRestart(reason: string): void {
    this.note(events.restartSignaled(reason));
  }

  async signal(signal: string): Promise<void> {
    const handle = this.#record.runningHandle;
    if (handle === undefined) return;
    this.note(events.signaling(signal));
    await this.#options.driver?.signal(handle, signal);
  }

  /** Ends a task that never ran. */
  abandon(): void {
    if (!this.isDead) this.#record.died(false);
  }

  fail(event: events.NewTaskEvent): void {
    if (this.isDead) return;
    this.note(event);
    this.#record.died(true);
  }

  note(event: events.NewTaskEvent): void {
    this.#record.note(event);
  }

  async #runOnce(leave: AbortSignal): Promise<void> {
    if (this.#ending.ordered === 'kill' && this.handle === undefined) return this.#record.died(false);
    const handle = this.handle ?? (await this.#start(leave));
    if (handle === undefined) return leave.aborted ? undefined : this.#pause(this.#afterEnd('failure'), leave);
    const result = await this.#wait(handle, leave);
    if (result === undefined) return;
    this.#record.ended(result);
    const delayMs = this.#afterEnd(outcomeOf(result));
    // Saved first: whoever finds the task without its record must not take it for one that never ran.
    if (this.#isKept()) await this.#options.driver?.destroy(handle);
    await this.#pause(delayMs, leave);
  }

  /** undefined when the driver could not start it: an event says why. */
  async #start(leave: AbortSignal): Promise<TaskHandle | undefined> {
    const driver = this.#options.driver;
    if (driver === undefined) return this.#notStarted(this.#driverMissing());
    const handle = await this.#startWith(driver, leave);
    if (handle === undefined) return undefined;
    this.#record.started(handle);
    // What was ordered while it started.
    if (this.#ending.ordered !== undefined) this.#ending.stopInBackground(handle);
    return handle;
  }

  async #startWith(driver: Driver, leave: AbortSignal): Promise<TaskHandle | undefined> {
    const startId = this.#options.newId();
    this.#record.starting(startId);
    try {
      this.#options.save();
      const config = this.#options.configOf(startId);
      const problems = driver.validateConfig(config.config);
      if (problems.length > 0) return this.#reject(problems.join('; '));
      return await driver.start(config, {
        note: (message, details) => this.note(events.driverNote(message, details)),
        signal: AbortSignal.any([leave, this.#ending.unwanted]),
      });
    } catch (error) {
      // The next agent asks the driver by the start's id what has become of it.
      if (leave.aborted) return undefined;
      return this.#notStarted(this.#ending.unwanted.aborted ? undefined : messageOf(error));
    }
  }

  /** Without a reason where nobody wants it any more. */
  #notStarted(reason: string | undefined): undefined {
    this.#record.notStarted();
    if (reason !== undefined) this.note(events.driverFailure(reason));
  }

  /** A wrong config stays wrong: no policy helps. */
  #reject(message: string): undefined {
    this.#record.notStarted();
    this.note(events.invalidConfig(message));
    this.#record.died(true);
  }

  async #wait(handle: TaskHandle, leave: AbortSignal): Promise<ExitResult | undefined> {
    const { driver, log } = this.#options;
    if (driver === undefined) return unknownEnd(`${this.#driverMissing()} any more`);
    try {
      return await driver.wait(handle, leave);
    } catch (error) {
      log.error({ task: this.name, error: messageOf(error) }, 'task cannot be watched');
      return unknownEnd(messageOf(error));
    }
  }

  #driverMissing(): string {
    return `driver "${this.#options.task().Driver}" is not on this node`;
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

  /** Decides what comes next; answers the delay before it. */
  #afterEnd(outcome: Outcome): number {
    if (this.isDead) return 0;
    const { ordered } = this.#ending;
    switch (ordered) {
      case 'kill':
        this.note(events.killed);
        this.#record.died(false);
        return 0;
      case 'rewind':
        this.#record.endedToBeginAnew();
        return 0;
      case 'restart':
        this.#ending.fulfilled();
        this.#record.restarting(0, '');
        return 0;
      case 'unhealthy':
        this.#ending.fulfilled();
        return this.#followPolicy('failure');
      case undefined:
        return this.#followPolicy(outcome);
      default:
        return assertNever(ordered);
    }
  }

  #followPolicy(outcome: Outcome): number {
    const decision = decideRestart({
      policy: this.#options.policy(),
      endsByItself: this.#options.endsByItself(),
      onlyOnce: this.#options.onlyOnce(),
      outcome,
      history: this.#record.history,
      nowMs: this.#options.clock.nowMs(),
      random: this.#options.random,
    });
    if (decision.kind === 'restart') {
      this.#record.restarting(decision.delayMs, decision.reason, decision.history);
      return decision.delayMs;
    }
    if (decision.kind === 'fail') this.note(events.notRestarting(decision.reason));
    this.#record.died(decision.kind === 'fail');
    return 0;
  }

  async #pause(delayMs: number, leave: AbortSignal): Promise<void> {
    if (delayMs > 0 && !this.isDead && this.#ending.ordered === undefined) await this.#ending.wait(delayMs, leave);
  }

  /** One whose turn has not come has nobody who would notice. */
  #dieUnlessWatched(): void {
    if (!this.isDead && !this.#active && this.#record.startId === undefined) this.#record.died(false);
  }
}

type Outcome = RestartQuestion['outcome'];

const outcomeOf = (result: ExitResult): Outcome =>
  result.unknown !== undefined ? 'unknown' : isSuccess(result) ? 'success' : 'failure';

const unknownEnd = (unknown: string): ExitResult => ({ exitCode: -1, signal: 0, oomKilled: false, unknown });
