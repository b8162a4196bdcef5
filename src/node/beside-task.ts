/** A command beside a task: which task, whether it can be, and why not. */
import type { AttachedCommand, AttachRequest, Driver, TaskHandle } from '../drivers/driver.ts';
import { SerinError } from '../lib/errors.ts';

export interface BesideTask {
  /** "": the only one that runs. */
  readonly task: string;
  readonly command: readonly [string, ...string[]];
  readonly tty: boolean;
}

/** What of a task runner is asked here. */
export interface RunningTask {
  readonly name: string;
  readonly state: { readonly State: string };
  readonly isRunning: boolean;
  readonly handle: TaskHandle | undefined;
}

/** Throws the sentence for a task that is not there, does not run, or was not named among several. */
export function chosenTask<Task extends RunningTask>(allocId: string, tasks: readonly Task[], wanted: string): Task {
  const names = tasks.map(({ name }) => `"${name}"`).join(', ');
  if (wanted === '' && tasks.length > 1) {
    throw new SerinError('badRequest', `Allocation has several tasks; name one of them: ${names}`);
  }
  const task = wanted === '' ? tasks[0] : tasks.find(({ name }) => name === wanted);
  if (task === undefined) {
    throw new SerinError('notFound', `allocation ${allocId} has no task "${wanted}"; its tasks: ${names}`);
  }
  if (task.isRunning) return task;
  throw new SerinError('refused', `Task not running: "${task.name}" is ${task.state.State}`);
}

export const requestOf = (id: string, { command: [command, ...args], tty }: BesideTask) => ({ id, command, args, tty });

export async function attachBeside(
  driver: Driver | undefined,
  { name, handle }: RunningTask,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<AttachedCommand> {
  if (driver?.attach === undefined) {
    throw new SerinError('notSupported', `The driver of task "${name}" runs no commands beside its tasks.`);
  }
  if (handle === undefined) throw new SerinError('refused', `Task not running: "${name}" is about to start or end`);
  return driver.attach(handle, request, signal);
}
