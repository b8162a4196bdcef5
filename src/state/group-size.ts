/** What one allocation of a group takes of its node, summed once per job row and group. */
import { findGroup, type Job, type TaskGroup } from '../model/job.ts';

export interface GroupSize {
  readonly cpu: number;
  readonly memoryMB: number;
  readonly diskMB: number;
}

export const NO_SIZE: GroupSize = Object.freeze({ cpu: 0, memoryMB: 0, diskMB: 0 });

const sizesOfJob = new WeakMap<Job, Map<string, GroupSize>>();

export function groupSize(job: Job, groupName: string): GroupSize {
  let sizes = sizesOfJob.get(job);
  if (!sizes) {
    sizes = new Map();
    sizesOfJob.set(job, sizes);
  }
  let size = sizes.get(groupName);
  if (!size) {
    const group = findGroup(job, groupName);
    size = group ? sum(group) : NO_SIZE;
    sizes.set(groupName, size);
  }
  return size;
}

/** Whether any group of one takes another amount than in the other. */
export function sameSizes(a: Job, b: Job): boolean {
  const names = new Set([...a.TaskGroups, ...b.TaskGroups].map((group) => group.Name));
  for (const name of names) {
    const x = groupSize(a, name);
    const y = groupSize(b, name);
    if (x.cpu !== y.cpu || x.memoryMB !== y.memoryMB || x.diskMB !== y.diskMB) return false;
  }
  return true;
}

function sum(group: TaskGroup): GroupSize {
  let cpu = 0;
  let memoryMB = 0;
  for (const task of group.Tasks) {
    cpu += task.Resources.CPU;
    memoryMB += task.Resources.MemoryMB;
  }
  return { cpu, memoryMB, diskMB: group.EphemeralDisk.SizeMB };
}
