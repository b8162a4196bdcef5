/** Where and how a task of an allocation runs: its environment, its interpolated config, its output files. */
import type { TaskConfig, TaskWorld } from '../drivers/driver.ts';
import { SerinError } from '../lib/errors.ts';
import type { Allocation } from '../model/allocation.ts';
import { findGroup, type Job, type TaskGroup } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import type { Task } from '../model/task.ts';
import { type AllocPaths, taskPaths } from './alloc-dir.ts';
import { interpolateAll, type Lookup, lookupIn } from './interpolate.ts';
import { currentLogFile } from './log-files.ts';
import { buildTaskEnv } from './task-env.ts';

export interface AllocFacts {
  readonly alloc: Allocation;
  readonly job: Job;
  readonly group: TaskGroup;
  readonly node: Node;
  readonly paths: AllocPaths;
  readonly hostEnv: Readonly<Record<string, string>>;
  /** What tasks of a driver see instead of the node's own. */
  readonly worldOf: (driver: string) => TaskWorld | undefined;
}

export function groupOf(job: Job, alloc: Allocation): TaskGroup {
  const group = findGroup(job, alloc.TaskGroup);
  if (group === undefined) {
    throw new SerinError('internal', `version ${job.Version} of job "${job.ID}" has no group "${alloc.TaskGroup}"`);
  }
  return group;
}

export function taskNamed(group: TaskGroup, name: string): Task {
  const task = group.Tasks.find((each) => each.Name === name);
  if (task === undefined) throw new SerinError('internal', `group "${group.Name}" has no task "${name}"`);
  return task;
}

export function envOf(facts: AllocFacts, taskName: string): Record<string, string> {
  const { paths, worldOf, ...rest } = facts;
  const task = taskNamed(facts.group, taskName);
  const world = worldOf(task.Driver);
  return buildTaskEnv({ ...rest, task, allocPaths: paths, taskPaths: taskPaths(paths, taskName), world });
}

export const lookupFor = (facts: AllocFacts, taskName: string): Lookup => lookupIn(envOf(facts, taskName), facts.node);

export function taskConfig(facts: AllocFacts, taskName: string, startId: string): TaskConfig {
  const task = taskNamed(facts.group, taskName);
  const env = envOf(facts, taskName);
  return {
    id: startId,
    allocId: facts.alloc.ID,
    taskName,
    config: interpolateAll(task.Config ?? {}, lookupIn(env, facts.node)),
    env,
    user: task.User,
    taskDir: taskPaths(facts.paths, taskName).root,
    allocDir: facts.paths.shared,
    ports: facts.alloc.Ports.map(({ Label, Value, To, HostIP }) => ({
      label: Label,
      value: Value,
      to: To > 0 ? To : Value,
      hostIP: HostIP,
    })),
    stdoutPath: currentLogFile(facts.paths.logs, taskName, 'stdout'),
    stderrPath: currentLogFile(facts.paths.logs, taskName, 'stderr'),
    cpuMHz: task.Resources.CPU,
    memoryMB: task.Resources.MemoryMB,
    memoryMaxMB: task.Resources.MemoryMaxMB,
  };
}
