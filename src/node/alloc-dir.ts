/**
 * The folders of an allocation, as job files know them through NOMAD_ALLOC_DIR and its neighbours. Made synchronously:
 * a handful of folders cost less than the trip through the thread pool, and an alloc runner stays easy to follow.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskGroup } from '../model/job.ts';

export interface AllocPaths {
  readonly root: string;
  /** Shared by the tasks of the allocation. */
  readonly shared: string;
  readonly logs: string;
}

export interface TaskPaths {
  /** The task's working directory. */
  readonly root: string;
  readonly local: string;
  readonly secrets: string;
  readonly tmp: string;
}

export function allocPaths(allocsDir: string, allocId: string): AllocPaths {
  const root = join(allocsDir, allocId);
  return { root, shared: join(root, 'alloc'), logs: join(root, 'alloc', 'logs') };
}

export function taskPaths(alloc: AllocPaths, taskName: string): TaskPaths {
  const root = join(alloc.root, taskName);
  return { root, local: join(root, 'local'), secrets: join(root, 'secrets'), tmp: join(root, 'tmp') };
}

/** Makes what is missing; what an earlier agent made stays as it is. */
export function makeAllocDirs(alloc: AllocPaths, group: TaskGroup, ownerOf: (user: string) => Owner | undefined): void {
  makeFolder(alloc.root, 0o755);
  for (const folder of [alloc.shared, alloc.logs, join(alloc.shared, 'data'), join(alloc.shared, 'tmp')]) {
    makeFolder(folder, 0o777);
  }
  for (const task of group.Tasks) {
    const paths = taskPaths(alloc, task.Name);
    for (const folder of [paths.root, paths.local, paths.tmp]) makeFolder(folder, 0o777);
    makeFolder(paths.secrets, 0o700, task.User === '' ? undefined : ownerOf(task.User));
  }
}

/** Whether somebody removed what a task's start needs. */
export const areMissing = (alloc: AllocPaths, taskName: string): boolean =>
  !existsSync(alloc.logs) || !existsSync(taskPaths(alloc, taskName).local);

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The mode is set apart from the umask: a task may run as another user than the agent. */
function makeFolder(path: string, mode: number, owner?: Owner): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  chmodSync(path, mode);
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
}

export function removeAllocDirs(alloc: AllocPaths): void {
  rmSync(alloc.root, { recursive: true, force: true });
}
