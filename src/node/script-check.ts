/** A script check: a command that runs where its task does, and whose exit status is the result. */
import type { Driver, ExecOutput, TaskHandle } from '../drivers/driver.ts';
import { SerinError } from '../lib/errors.ts';
import { taskPaths } from './alloc-dir.ts';
import { type AllocFacts, envOf, taskNamed } from './task-place.ts';

export interface Script {
  readonly taskName: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
}

/** Throws where it cannot run: the check fails with that sentence. `handle` is the task's, while it runs. */
export async function runScript(
  facts: AllocFacts,
  { taskName, ...script }: Script,
  driverNamed: (name: string) => Driver | undefined,
  handle: TaskHandle | undefined,
  signal: AbortSignal,
): Promise<ExecOutput> {
  const task = taskNamed(facts.group, taskName);
  const driver = driverNamed(task.Driver);
  if (driver?.exec === undefined) throw new SerinError('driver', `driver "${task.Driver}" cannot run script checks`);
  if (handle === undefined) throw new SerinError('driver', `task "${taskName}" does not run`);
  const place = { env: envOf(facts, taskName), user: task.User, taskDir: taskPaths(facts.paths, taskName).root };
  return driver.exec(handle, { ...script, ...place, maxOutputBytes: MAX_OUTPUT_BYTES }, signal);
}

const MAX_OUTPUT_BYTES = 4096;
