/** Makes ready what a task of exec starts in: whose it is, which program of its root file system runs, its folders. */
import { chownSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SerinError } from '../lib/errors.ts';
import type { TaskConfig } from './driver.ts';
import { type Bind, EXEC_WORLD, isInSystem, onNode } from './exec-root.ts';
import type { OpenFiles } from './oci-spec.ts';
import { findUser, type UserIds } from './users.ts';

const DEFAULT_USER = 'nobody';
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';
/** More than that a program that asks for it raises itself, up to the hard limit. */
const SOFT_OPEN_FILES = 65_536;

const ROOT: UserIds = { uid: 0, gid: 0 };

export const execUser = (name: string): UserIds => findUser(name || DEFAULT_USER, 'setpriv') ?? ROOT;

/** The program as the task sees it, as an absolute path. */
export function findInside(command: string, env: Readonly<Record<string, string>>, own: readonly Bind[]): string {
  const candidates = candidatesOf(command, env.PATH ?? DEFAULT_PATH);
  const found = candidates.find((path) => isProgram(path, own));
  if (found !== undefined) return found;
  const where = candidates.some((path) => path.startsWith('/local/')) ? ' in /local or the PATH' : '';
  throw new SerinError(
    'driver',
    `failed to launch command: binary "${command}" could not be found${where}, as the task sees its file system, or is not executable`,
  );
}

function candidatesOf(command: string, path: string): string[] {
  if (command.startsWith('/')) return [command];
  // As job files write it: relative to the task's root, which has "local" in it.
  if (command.includes('/')) return [join('/', command), join('/local', command)];
  const folders = path.split(':').filter((folder) => folder.startsWith('/'));
  return ['/local', ...folders].map((folder) => join(folder, command));
}

/** The node's programs are inside where they are on the node. A link between the task's folders may lead elsewhere. */
function isProgram(path: string, own: readonly Bind[]): boolean {
  const file = isInSystem(path) ? path : onNode(path, own);
  const found = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
}

/** HOME of the agent is not there; programs that keep something at home keep it in the task's own folder. */
export const execEnv = (env: Readonly<Record<string, string>>): Record<string, string> => ({
  ...env,
  PATH: env.PATH ?? DEFAULT_PATH,
  HOME: isThere(env.HOME ?? '') ? (env.HOME ?? '') : EXEC_WORLD.localDir,
});

const isThere = (path: string): boolean => isInSystem(path) || /^\/(alloc|local|secrets|tmp)(\/|$)/.test(path);

/** The folder of secrets belongs to whom the task runs as. */
export function handOver(task: TaskConfig, { uid, gid }: UserIds): void {
  for (const folder of ['local', 'secrets', 'tmp']) requireFolder(join(task.taskDir, folder));
  chownSync(join(task.taskDir, 'secrets'), uid, gid);
}

function requireFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new SerinError('driver', `the task's folder ${path} is gone`);
}

/** No more than the agent itself may have: raising it further is refused. */
export function agentOpenFiles(limits = readFileSync('/proc/self/limits', 'utf8')): OpenFiles {
  const hard = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? 1024);
  return { soft: Math.min(hard, SOFT_OPEN_FILES), hard };
}
