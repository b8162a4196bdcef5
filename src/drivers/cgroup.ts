/**
 * A cgroup (v2) per task where the machine lets us make one: whatever a task forks stays in it, so that one write kills
 * the whole tree. Without one (not root, no v2 hierarchy) `process-tree.ts` looks for the processes itself.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CgroupRoot {
  readonly path: string;
}

/** Where tasks' cgroups go, or undefined where none can be made. Tried by making one. */
export function findCgroupRoot(name: string, mounts = readMounts()): CgroupRoot | undefined {
  const mount = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[2] === 'cgroup2')?.[1];
  if (mount === undefined) return undefined;
  const path = join(mount, name);
  const probe = join(path, 'probe');
  try {
    mkdirSync(probe, { recursive: true });
    return existsSync(join(probe, 'cgroup.kill')) ? { path } : undefined;
  } catch {
    return undefined;
  } finally {
    removeCgroup(probe);
  }
}

function readMounts(): string {
  try {
    return readFileSync('/proc/mounts', 'utf8');
  } catch {
    return '';
  }
}

export function makeCgroup(root: CgroupRoot, name: string): string | undefined {
  const path = join(root.path, name);
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch {
    return undefined;
  }
}

export function cgroupPids(path: string): number[] {
  try {
    return readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

export function killCgroup(path: string): void {
  try {
    writeFileSync(join(path, 'cgroup.kill'), '1');
  } catch {
    // It is gone, and so is everything that was in it.
  }
}

/** Succeeds only when nothing is left in it; zombies that wait for PID 1 do not count. */
export function removeCgroup(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
