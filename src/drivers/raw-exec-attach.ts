/** A command beside a task of raw_exec: with the task's environment, user and directory, and in its cgroup. */
import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { attachLocal, refusedCommand } from './attached-command.ts';
import type { AttachedCommand, AttachRequest } from './driver.ts';
import { TASK_MARKER } from './process-tree.ts';
import { findProgram } from './shim-spawner.ts';
import { findUser } from './users.ts';

export interface RawExecPlace {
  readonly taskId: string;
  readonly cgroup: string | undefined;
  /** The agent's PATH. */
  readonly path: string;
}

/** Enters the cgroup, then becomes the command. */
const ENTER = 'echo 0 >"$0/cgroup.procs" && exec "$@"';

export async function attachBeside(
  place: RawExecPlace,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<AttachedCommand> {
  const { id, command, args, env, taskDir, tty } = request;
  const program = findCommand(request);
  if (program === undefined) return refusedCommand(127, `${command}: command not found in the task's PATH`, tty);
  const argv = [...entering(place.cgroup), ...becoming(request.user, place.path), program, ...args];
  return attachLocal(
    {
      id,
      argv: argv as [string, ...string[]],
      // The end of the task is the end of the command.
      env: { ...env, [TASK_MARKER]: place.taskId },
      cwd: taskDir,
      tty,
      path: place.path,
    },
    signal,
  );
}

function findCommand({ command, env, taskDir }: AttachRequest): string | undefined {
  if (!command.includes('/')) return findProgram(command, env.PATH ?? '/usr/bin:/bin');
  const path = isAbsolute(command) ? command : join(taskDir, command);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
}

const entering = (cgroup: string | undefined): string[] =>
  cgroup === undefined ? [] : ['/bin/sh', '-c', ENTER, cgroup];

function becoming(name: string, path: string): string[] {
  const setpriv = findProgram('setpriv', path);
  const user = name === '' ? undefined : findUser(name, setpriv);
  if (user === undefined || setpriv === undefined) return [];
  return [setpriv, `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', '--'];
}
