/** What a person may order of an allocation that runs: restarts, signals, a command beside one of its tasks. */
import type { AttachedCommand, Driver } from '../drivers/driver.ts';
import { knownSignal } from '../drivers/signals.ts';
import type { Clock } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import { taskPaths } from './alloc-dir.ts';
import { attachBeside, type BesideTask, chosenTask, requestOf } from './beside-task.ts';
import type { Conditions } from './conditions.ts';
import { type AllocFacts, envOf, taskNamed } from './task-place.ts';
import type { TaskRunner } from './task-runner.ts';
import type { TaskSequence } from './task-sequence.ts';
import type { ShutdownDelay, TrafficExit } from './traffic-exit.ts';

export interface AllocOrdersDeps {
  readonly facts: () => AllocFacts;
  readonly clientStatus: () => string;
  readonly isEnded: () => boolean;
  readonly sequence: TaskSequence;
  readonly exit: TrafficExit;
  readonly conditions: Conditions;
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly clock: Clock;
}

export class AllocOrders {
  readonly #deps: AllocOrdersDeps;

  constructor(deps: AllocOrdersDeps) {
    this.#deps = deps;
  }

  /** Restarts one task or all that run; where an ingress sends requests here, they go elsewhere first. */
  async restart(taskName: string | undefined, signal: AbortSignal): Promise<void> {
    const { exit, conditions, clock } = this.#deps;
    const targets = this.#chosen(taskName);
    const before = targets.map((task) => task.state.Restarts);
    const restarted = () => targets.every((task, at) => task.isDead || task.state.Restarts > before[at]!);
    await exit.during(async (delay) => {
      await Promise.all(targets.map((task) => restartAfter(delay, task)));
      await conditions.until(restarted, clock, Number.POSITIVE_INFINITY, signal);
    }, signal);
  }

  /** Has all tasks but the poststop ones begin anew in their order, also those that have done their work. */
  async restartAll(signal: AbortSignal): Promise<void> {
    const { exit, sequence, isEnded } = this.#deps;
    if (isEnded() || sequence.isOver) {
      throw new SerinError('refused', `allocation ${this.#allocId} has ended: nothing of it can be restarted`);
    }
    await exit.during((delay) => sequence.beginAgain(USER_RESTART, delay, signal), signal);
  }

  async signal(name: string, taskName: string | undefined): Promise<void> {
    const signal = knownSignal(name);
    for (const task of this.#chosen(taskName)) await task.signal(signal);
  }

  /** The command ends with the signal. */
  async attach(id: string, command: BesideTask, signal: AbortSignal): Promise<AttachedCommand> {
    const facts = this.#deps.facts();
    const task = chosenTask(this.#allocId, this.#deps.sequence.all, command.task);
    const { Driver, User } = taskNamed(facts.group, task.name);
    const taskDir = taskPaths(facts.paths, task.name).root;
    const place = { env: envOf(facts, task.name), user: User, taskDir, allocDir: facts.paths.shared };
    return attachBeside(this.#deps.drivers.get(Driver), task, { ...requestOf(id, command), ...place }, signal);
  }

  #chosen(taskName: string | undefined): TaskRunner[] {
    const { sequence } = this.#deps;
    if (taskName === undefined || taskName === '') return this.#running();
    const task = sequence.find(taskName);
    if (task === undefined) {
      const names = sequence.all.map((each) => `"${each.name}"`).join(', ');
      throw new SerinError('notFound', `allocation ${this.#allocId} has no task "${taskName}"; its tasks: ${names}`);
    }
    if (!task.isRunning) throw new SerinError('refused', `Task not running: "${taskName}" is ${task.state.State}`);
    return [task];
  }

  #running(): TaskRunner[] {
    const running = this.#deps.sequence.all.filter((task) => task.isRunning);
    if (running.length > 0) return running;
    throw new SerinError('refused', `Task not running: allocation ${this.#allocId} is ${this.#deps.clientStatus()}`);
  }

  get #allocId(): string {
    return this.#deps.facts().alloc.ID;
  }
}

async function restartAfter(delay: ShutdownDelay, task: TaskRunner): Promise<void> {
  await delay(task);
  await task.restart(USER_RESTART);
}

const USER_RESTART = 'User requested task to restart';
