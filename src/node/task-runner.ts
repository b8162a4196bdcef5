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
import { assertNever } from '../lib/assert.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import { msFromNanos, nanosFromMs } from '../lib/duration.ts';
import { messageOf } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import type { TaskState } from '../model/allocation.ts';
import { type Nanos, timestampOf } from '../model/nanos.ts';
import type { RestartPolicy } from '../model/policies.ts';
import type { Task } from '../model/task.ts';
import { decideRestart, NO_RESTARTS, type RestartHistory, type RestartQuestion } from './restart-policy.ts';
import * as events from './task-events.ts';

export interface SavedTask {
  readonly state: TaskState;
  /** The id of the start that runs or is being made. */
  readonly startId: string | null;
  readonly handle: TaskHandle | null;
  readonly history: RestartHistory;
  /** Ended so that it begins anew, and has not yet: it waits for its turn as if it had never run. */
  readonly rewound?: boolean;
}

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
  #state: TaskState;
  #startId: string | null;
  #handle: TaskHandle | null;
  #history: RestartHistory;
  #rewound: boolean;
  #ending: Ending | undefined;
  #atOnce = false;
  /** `run` watches over it. */
  #active = false;
  /** Cuts a wait short: the delay before a restart. */
  #interrupt = new AbortController();
  /** Aborts a start that nobody wants any more. */
  #unwanted = new AbortController();

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
    this.#state = options.saved?.state ?? NEW_STATE;
    this.#startId = options.saved?.startId ?? null;
    this.#handle = options.saved?.handle ?? null;
    this.#history = options.saved?.history ?? NO_RESTARTS;
    this.#rewound = options.saved?.rewound ?? false;
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

  /** It has run since its turn came. */
  get hasStarted(): boolean {
    return this.#state.StartedAt !== null && !this.#rewound;
  }

  /** It runs, ran, or may have been started by an agent that could not write down more. */
  get hasBegun(): boolean {
    return this.hasStarted || this.#startId !== null;
  }

  saved(): SavedTask {
    const [state, startId, handle, history] = [this.#state, this.#startId, this.#handle, this.#history];
    return { state, startId, handle, history, ...(this.#rewound && { rewound: true }) };
  }

  receive(): void {
    if (this.#state.Events.length === 0) this.#note(events.received);
  }

  /** Finds again what an earlier agent started. */
  async recover(leave: AbortSignal): Promise<void> {
    if (this.isDead || this.#startId === null || this.#options.driver === undefined) return;
    const handle = await this.#findAgain(this.#options.driver, this.#startId, leave);
    if (leave.aborted) return;
    this.#handle = handle ?? null;
    if (handle === undefined) this.#startId = null;
    else if (!this.isRunning) this.#markStarted();
  }

  /** Resolves when the task is dead; or, with the task running on, when `leave` aborts. */
  async run(leave: AbortSignal): Promise<void> {
    if (this.isDead || leave.aborted) return;
    this.#active = true;
    try {
      if (this.#state.Events.length <= 1) this.#note(events.setup);
      // What was ordered while it was looked for.
      if (this.#ending === 'kill' && this.#handle !== null) this.#stopInBackground(this.#handle);
      while (!this.isDead && !leave.aborted && this.#ending !== 'rewind') await this.#runOnce(leave);
    } finally {
      this.#active = false;
    }
  }

  /** Resolves when the task has ended; one that never began is dead at once. */
  async kill(): Promise<void> {
    if (this.isDead || this.#ending === 'kill') return;
    await this.#endFor('kill');
    this.#dieUnlessWatched();
  }

  /** Ends the task with no regard for its kill_timeout, also one that is being ended gently. */
  async killAtOnce(): Promise<void> {
    if (this.isDead) return;
    this.#atOnce = true;
    await this.#endFor('kill');
    this.#dieUnlessWatched();
  }

  /** Ends the task and starts it again, whatever its policy. */
  async restart(reason: string): Promise<void> {
    if (this.isDead || this.#ending !== undefined) return;
    this.noteRestart(reason);
    if (this.#handle === null || !this.isRunning) return this.#interrupt.abort();
    await this.#stopFor('restart', this.#handle);
  }

  /** Ends the task as if it had failed: its policy says whether and when it is started again. */
  async failCheck(reason: string): Promise<void> {
    if (this.#ending !== undefined || this.#handle === null || !this.isRunning) return;
    this.noteRestart(reason);
    await this.#stopFor('unhealthy', this.#handle);
  }

  /** Ends the task and has `run` resolve, so that it can begin anew in the order of its group. */
  async endForRewind(): Promise<void> {
    if (!this.isDead && this.#ending === undefined) await this.#endFor('rewind');
  }

  /** As if it had never run, but for what it has to tell. */
  rewind(): void {
    if (this.#ending === 'kill') return;
    this.#ending = undefined;
    this.#unwanted = new AbortController();
    if (this.#rewound || this.#state.StartedAt === null) return;
    this.#rewound = true;
    if (this.isDead) this.#prepareRestart(0, '');
    this.#set({ Failed: false });
  }

  noteRestart(reason: string): void {
    this.#note(events.restartSignaled(reason));
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

  /** A driver that cannot say (its engine is away) is asked until it can: starting anew might run the task twice. */
  async #findAgain(driver: Driver, startId: string, leave: AbortSignal): Promise<TaskHandle | undefined> {
    for (let failures = 0; ; failures++) {
      try {
        return await driver.recover(startId, this.#handle ?? undefined);
      } catch (error) {
        if (failures === 0) this.#note(events.driverNote(`cannot be taken up yet: ${messageOf(error)}`, {}));
        await sleep(this.#options.clock, RECOVER_AGAIN_MS, leave);
        if (leave.aborted) return undefined;
      }
    }
  }

  async #runOnce(leave: AbortSignal): Promise<void> {
    if (this.#ending === 'kill' && this.#handle === null) return this.#die(false);
    const handle = this.#handle ?? (await this.#start(leave));
    if (handle === undefined) return leave.aborted ? undefined : this.#pause(this.#afterEnd('failure'), leave);
    const result = await this.#wait(handle, leave);
    if (result === undefined) return;
    this.#markEnded(result);
    const delayMs = this.#afterEnd(outcomeOf(result));
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

  /** undefined when the driver could not start it: an event says why. */
  async #start(leave: AbortSignal): Promise<TaskHandle | undefined> {
    const driver = this.#options.driver;
    if (driver === undefined) return this.#fail(this.#driverMissing());
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
    if (this.#ending !== undefined) this.#stopInBackground(this.#handle);
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
  #afterEnd(outcome: Outcome): number {
    if (this.isDead) return 0;
    switch (this.#ending) {
      case 'kill':
        this.#note(events.killed);
        this.#die(false);
        return 0;
      case 'rewind':
        this.#rewound = true;
        return this.#prepareRestart(0, '');
      case 'restart':
        this.#ending = undefined;
        return this.#prepareRestart(0, '');
      case 'unhealthy':
        this.#ending = undefined;
        return this.#followPolicy('failure');
      case undefined:
        return this.#followPolicy(outcome);
      default:
        return assertNever(this.#ending);
    }
  }

  #followPolicy(outcome: Outcome): number {
    const decision = decideRestart({
      policy: this.#options.policy(),
      endsByItself: this.#options.endsByItself(),
      onlyOnce: this.#options.onlyOnce(),
      outcome,
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
    if (delayMs === 0 || this.isDead || this.#ending !== undefined) return;
    this.#interrupt = new AbortController();
    await sleep(this.#options.clock, delayMs, AbortSignal.any([leave, this.#interrupt.signal]));
  }

  /** One whose turn has not come has nobody who would notice. */
  #dieUnlessWatched(): void {
    if (!this.isDead && !this.#active && this.#startId === null) this.#die(false);
  }

  /** Cuts short whatever it is at: a wait, a start, or the task itself. */
  async #endFor(ending: Ending): Promise<void> {
    this.#ending = ending;
    this.#interrupt.abort();
    this.#unwanted.abort();
    if (this.#handle !== null && this.isRunning) await this.#stop(this.#handle);
  }

  async #stopFor(ending: Ending, handle: TaskHandle): Promise<void> {
    this.#ending = ending;
    const { signal, timeoutNanos } = this.#killOptions();
    try {
      await this.#options.driver?.stop(handle, { signal, timeoutMs: msFromNanos(timeoutNanos) });
    } catch (error) {
      // It runs on, and may be asked again.
      if (this.#ending === ending) this.#ending = undefined;
      throw error;
    }
  }

  #stopInBackground(handle: TaskHandle): void {
    this.#stop(handle).catch((error) => {
      this.#options.log.error({ task: this.name, error: messageOf(error) }, 'task cannot be stopped');
    });
  }

  async #stop(handle: TaskHandle): Promise<void> {
    const { signal, timeoutNanos, asked } = this.#killOptions();
    this.#note(events.killing(signal, timeoutNanos, asked));
    try {
      await this.#options.driver?.stop(handle, { signal, timeoutMs: msFromNanos(timeoutNanos) });
    } catch (error) {
      this.#note(events.killFailed(messageOf(error)));
      this.#options.log.error({ task: this.name, error: messageOf(error) }, 'task cannot be killed');
    }
  }

  /** `asked` is there where the node grants less. */
  #killOptions(): { readonly signal: string; readonly timeoutNanos: Nanos; readonly asked?: Nanos } {
    if (this.#atOnce) return { signal: 'SIGKILL', timeoutNanos: 0 };
    const { KillSignal, KillTimeout } = this.#options.task();
    const signal = KillSignal || this.#defaultKillSignal;
    const most = nanosFromMs(this.#options.maxKillTimeoutMs);
    return KillTimeout <= most
      ? { signal, timeoutNanos: KillTimeout }
      : { signal, timeoutNanos: most, asked: KillTimeout };
  }

  get #defaultKillSignal(): string {
    return this.#options.driver?.killSignal ?? DEFAULT_KILL_SIGNAL;
  }

  #markStarted(): void {
    this.#rewound = false;
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

type Ending = 'kill' | 'restart' | 'unhealthy' | 'rewind';
type Outcome = RestartQuestion['outcome'];

const outcomeOf = (result: ExitResult): Outcome =>
  result.unknown !== undefined ? 'unknown' : isSuccess(result) ? 'success' : 'failure';

const unknownEnd = (unknown: string): ExitResult => ({ exitCode: -1, signal: 0, oomKilled: false, unknown });

const DEFAULT_KILL_SIGNAL = 'SIGINT';
const RECOVER_AGAIN_MS = 5_000;

const NEW_STATE: TaskState = {
  State: 'pending',
  Failed: false,
  Restarts: 0,
  LastRestart: null,
  StartedAt: null,
  FinishedAt: null,
  Events: [],
};
