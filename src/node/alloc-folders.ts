/** The folders of an allocation while it runs: made before its tasks, and made again where somebody removed them. */
import { findUser } from '../drivers/users.ts';
import type { Log } from '../lib/log.ts';
import type { TaskGroup } from '../model/job.ts';
import { type AllocPaths, areMissing, makeAllocDirs } from './alloc-dir.ts';
import * as events from './task-events.ts';
import type { TaskRunner } from './task-runner.ts';

export class AllocFolders {
  readonly paths: AllocPaths;
  readonly #log: Log;
  #areThere = true;

  constructor(paths: AllocPaths, log: Log) {
    this.paths = paths;
    this.#log = log;
  }

  make(group: TaskGroup): void {
    makeAllocDirs(this.paths, group, (user) => findUser(user, 'setpriv'));
  }

  /** Before each start: somebody may have removed them since the last one. */
  makeAgain(group: TaskGroup, taskName: string, task: TaskRunner | undefined): void {
    if (!areMissing(this.paths, taskName)) return;
    this.make(group);
    task?.note(events.foldersMadeAgain);
    this.#areThere = true;
  }

  /** Says once, in the log and to the tasks that it concerns, that they are gone under tasks that run. */
  lookAround(tasks: readonly TaskRunner[]): void {
    const gone = tasks.filter((task) => task.isRunning && areMissing(this.paths, task.name));
    if (gone.length > 0 && this.#areThere) {
      this.#log.error({ folder: this.paths.root }, 'the folder of an allocation was removed while it runs');
      for (const task of gone) task.note(events.foldersRemoved);
    }
    this.#areThere = gone.length === 0;
  }
}
