/**
 * The tasks of an allocation in their order:
 *   prestart ▸ main tasks (with prestart sidecars beside them) ▸ poststart ▸ … ▸ poststop
 * and how the end of one becomes the end of others.
 */
import type { TaskState } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import type { Task } from '../model/task.ts';
import * as events from './task-events.ts';
import type { TaskRunner } from './task-runner.ts';

type Role = 'prestart' | 'prestartSidecar' | 'main' | 'poststart' | 'poststartSidecar' | 'poststop';

function roleOf(task: Task): Role {
  switch (task.Lifecycle?.Hook) {
    case 'prestart':
      return task.Lifecycle.Sidecar ? 'prestartSidecar' : 'prestart';
    case 'poststart':
      return task.Lifecycle.Sidecar ? 'poststartSidecar' : 'poststart';
    case 'poststop':
      return 'poststop';
    default:
      return 'main';
  }
}

export class TaskSequence {
  readonly all: readonly TaskRunner[];
  readonly #roles: ReadonlyMap<TaskRunner, Role>;
  readonly #leader: TaskRunner | undefined;
  #mainsRunning: (() => void) | undefined;
  #spreading = false;

  constructor(group: TaskGroup, runners: readonly TaskRunner[]) {
    this.all = runners;
    this.#roles = new Map(runners.map((runner, at) => [runner, roleOf(group.Tasks[at]!)]));
    this.#leader = runners.find((_runner, at) => group.Tasks[at]!.Leader);
  }

  find(name: string): TaskRunner | undefined {
    return this.all.find((task) => task.name === name);
  }

  states(): Record<string, TaskState> {
    return Object.fromEntries(this.all.map((task) => [task.name, task.state]));
  }

  get hasStarted(): boolean {
    return this.all.some((task) => task.state.StartedAt !== null);
  }

  /** All that runs before the poststop tasks has ended. */
  get isOver(): boolean {
    return this.#before('poststop').every((task) => task.isDead);
  }

  /** Resolves when all tasks are dead, or when `leave` aborts. */
  async run(leave: AbortSignal): Promise<void> {
    const sidecars = this.#with('prestartSidecar').map((task) => task.run(leave));
    await Promise.all(this.#with('prestart').map((task) => task.run(leave)));
    if (leave.aborted) return void (await Promise.all(sidecars));
    if (this.#with('prestart').some((task) => task.state.Failed))
      this.#abandon(['main', 'poststart', 'poststartSidecar']);
    const mains = this.#with('main').map((task) => task.run(leave));
    const after = this.#runAfterStart(leave);
    await Promise.all(mains);
    this.#mainsRunning?.();
    if (leave.aborted) return void (await Promise.all([...sidecars, after]));
    await Promise.all(this.#before('poststop').map((task) => task.kill()));
    await Promise.all([...sidecars, after]);
    await Promise.all(this.#with('poststop').map((task) => task.run(leave)));
  }

  async #runAfterStart(leave: AbortSignal): Promise<void> {
    const tasks = [...this.#with('poststart'), ...this.#with('poststartSidecar')];
    if (tasks.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#mainsRunning = resolve;
      leave.addEventListener('abort', () => resolve(), { once: true });
      this.#noticeMains();
    });
    if (leave.aborted) return;
    await Promise.all(tasks.map((task) => task.run(leave)));
  }

  /** Kills all that run before the poststop tasks, the leader first; each after its own delay. */
  async killAll(delay: (task: TaskRunner) => Promise<void>, leave: AbortSignal): Promise<void> {
    const kill = async (task: TaskRunner) => {
      if (task.isDead) return;
      await delay(task);
      if (!leave.aborted) await untilAborted(task.kill(), leave);
    };
    if (this.#leader !== undefined) await kill(this.#leader);
    await Promise.all(this.#before('poststop').map(kill));
  }

  /** Called after every change of a task: a failed main task and a dead leader take the others with them. */
  spreadEnds(): void {
    this.#noticeMains();
    if (this.#spreading) return;
    const failed = this.all.find((task) => task.isDead && task.state.Failed && this.#roles.get(task) !== 'poststop');
    const cause = failed === undefined ? this.#leaderEnd() : events.siblingFailed(failed.name);
    if (cause === undefined) return;
    this.#spreading = true;
    for (const task of this.#before('poststop').filter((each) => each.isRunning)) {
      task.note(cause);
      task.killInBackground();
    }
    for (const task of this.#before('poststop').filter((each) => !each.isRunning && !each.isDead))
      task.killInBackground();
  }

  abandonAll(): void {
    for (const task of this.all) task.abandon();
  }

  failAll(event: events.NewTaskEvent): void {
    for (const task of this.all) task.fail(event);
  }

  #leaderEnd(): events.NewTaskEvent | undefined {
    return this.#leader?.isDead === true && this.all.length > 1 ? events.leaderDead : undefined;
  }

  #noticeMains(): void {
    if (this.#with('main').every((task) => task.isRunning || task.isDead)) this.#mainsRunning?.();
  }

  #abandon(roles: readonly Role[]): void {
    for (const role of roles) for (const task of this.#with(role)) task.abandon();
  }

  #with(role: Role): TaskRunner[] {
    return this.all.filter((task) => this.#roles.get(task) === role);
  }

  #before(role: Role): TaskRunner[] {
    return this.all.filter((task) => this.#roles.get(task) !== role);
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
