/**
 * The tasks of an allocation in their order:
 *   prestart ▸ main tasks (with prestart sidecars beside them) ▸ poststart ▸ … ▸ poststop
 * Whoever ends the others does so through `killAll`; `cause` says when one of the tasks gives reason to.
 *
 * Where a task has got to is in its own state, so the next agent goes on at the same place: what is dead is not run
 * again, and what has begun is taken up whoever else is still to come.
 */
import type { TaskState } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import type * as events from './task-events.ts';
import { endCause, type Role, roleOf, stopWaves } from './task-roles.ts';
import type { TaskRunner } from './task-runner.ts';

/** Resolves when it holds, looked at after every change of a task; with false when the agent leaves. */
export type Until = (holds: () => boolean) => Promise<boolean>;

interface Seat {
  readonly task: TaskRunner;
  readonly role: Role;
  readonly leader: boolean;
}

export class TaskSequence {
  readonly all: readonly TaskRunner[];
  readonly #seats: readonly Seat[];
  readonly #until: Until;
  #again = false;

  constructor(group: TaskGroup, runners: readonly TaskRunner[], until: Until) {
    this.all = runners;
    this.#until = until;
    this.#seats = runners.map((task, at) => {
      const { Lifecycle, Leader } = group.Tasks[at]!;
      return { task, role: roleOf({ Lifecycle }), leader: Leader };
    });
  }

  find(name: string): TaskRunner | undefined {
    return this.all.find((task) => task.name === name);
  }

  states(): Record<string, TaskState> {
    return Object.fromEntries(this.all.map((task) => [task.name, task.state]));
  }

  /** Something of it runs, ran, or may have been started by an agent that could not write down more. */
  get hasBegun(): boolean {
    return this.all.some((task) => task.hasBegun);
  }

  /** All that runs before the poststop tasks has ended. */
  get isOver(): boolean {
    return this.#beforePoststop().every((task) => task.isDead);
  }

  /** Why its tasks are to end, when one of them is the reason. */
  get cause(): events.NewTaskEvent | undefined {
    if (this.#again) return undefined;
    return endCause(
      this.#seats.map(({ task, role, leader }) => ({ name: task.name, role, leader, state: task.state })),
    );
  }

  /** Finds again what an earlier agent started. */
  async recover(leave: AbortSignal): Promise<void> {
    await Promise.all(this.all.map((task) => task.recover(leave)));
  }

  /** Resolves when all tasks are dead, or when `leave` aborts. */
  async run(leave: AbortSignal): Promise<void> {
    for (const task of this.all) task.receive();
    await this.#runUntilOver(leave);
    while (this.#again && !leave.aborted) {
      for (const task of this.#beforePoststop()) task.rewind();
      this.#again = false;
      await this.#runUntilOver(leave);
    }
    if (leave.aborted) return;
    for (const task of this.#beforePoststop()) task.abandon();
    await Promise.all(this.#with('poststop').map((task) => task.run(leave)));
  }

  /** Kills all that run before the poststop tasks, wave by wave; each after its own delay. */
  async killAll(delay: (task: TaskRunner) => Promise<void>, leave: AbortSignal): Promise<void> {
    this.killIdle();
    await this.#inWaves((task) => task.kill(), delay, leave);
  }

  /** Those that wait, for their turn or for a restart: they do not begin any more. */
  killIdle(): void {
    this.#again = false;
    for (const task of this.#beforePoststop()) if (!task.isRunning) task.killInBackground();
  }

  /** Ends all that runs before the poststop tasks, and has everything begin anew in its order. */
  async beginAgain(reason: string, delay: (task: TaskRunner) => Promise<void>, leave: AbortSignal): Promise<void> {
    this.#again = true;
    for (const task of this.#beforePoststop()) task.noteRestart(reason);
    await this.#inWaves((task) => task.endForRewind(), delay, leave);
  }

  /** Tells those that are still to end why. */
  noteCause(cause: events.NewTaskEvent): void {
    for (const task of this.#beforePoststop()) {
      const isTold = task.state.Events.some((event) => event.Type === cause.Type);
      if (!task.isDead && !isTold) task.note(cause);
    }
  }

  abandonAll(): void {
    for (const task of this.all) task.abandon();
  }

  noteAll(...said: readonly events.NewTaskEvent[]): void {
    for (const task of this.all) for (const event of said) task.note(event);
  }

  failAll(event: events.NewTaskEvent): void {
    for (const task of this.all) task.fail(event);
  }

  async #runUntilOver(leave: AbortSignal): Promise<void> {
    await Promise.all([
      this.#stage(['prestartSidecar', 'prestart'], () => true, leave),
      this.#stage(['main'], () => this.#isPrepared, leave),
      this.#stage(['poststart', 'poststartSidecar'], () => this.#mainsRun, leave),
    ]);
  }

  /** Those that have begun are taken up at once; the others begin when their time has come, or die before. */
  async #stage(roles: readonly Role[], isDue: () => boolean, leave: AbortSignal): Promise<void> {
    const tasks = roles.flatMap((role) => this.#with(role));
    const begun = tasks.filter((task) => task.hasBegun);
    const running = begun.map((task) => task.run(leave));
    const rest = tasks.filter((task) => !begun.includes(task));
    const isDecided = () => this.#again || rest.every((task) => task.isDead) || (this.cause === undefined && isDue());
    if (rest.length > 0) await this.#until(isDecided);
    if (!leave.aborted && !this.#again) running.push(...rest.map((task) => task.run(leave)));
    await Promise.all(running);
  }

  get #isPrepared(): boolean {
    const isReady = this.#with('prestart').every((task) => task.isDead);
    return isReady && this.#with('prestartSidecar').every((task) => task.hasStarted);
  }

  get #mainsRun(): boolean {
    return this.#with('main').every((task) => task.isRunning || task.isDead);
  }

  async #inWaves(
    end: (task: TaskRunner) => Promise<void>,
    delay: (task: TaskRunner) => Promise<void>,
    leave: AbortSignal,
  ): Promise<void> {
    const endOne = async (task: TaskRunner) => {
      if (task.isDead) return;
      await delay(task);
      if (!leave.aborted) await untilAborted(end(task), leave);
    };
    for (const wave of stopWaves(this.#seats)) await Promise.all(wave.map(({ task }) => endOne(task)));
  }

  #with(role: Role): TaskRunner[] {
    return this.#seats.filter((seat) => seat.role === role).map(({ task }) => task);
  }

  #beforePoststop(): TaskRunner[] {
    return this.#seats.filter(({ role }) => role !== 'poststop').map(({ task }) => task);
  }
}

function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    work.then(done, reject);
  });
}
