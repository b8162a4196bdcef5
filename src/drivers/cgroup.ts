/**
 * A cgroup (v2) per task where the machine lets us make one: whatever a task forks stays in it, so that one write kills
 * the whole tree. Without one (not root, no v2 hierarchy) `process-tree.ts` looks for the processes itself.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
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
    const canKill = existsSync(join(probe, 'cgroup.kill'));
    rmdirSync(probe);
    return canKill ? { path } : undefined;
  } catch {
    return undefined;
  }
}

function readMounts(): string {
  try {
    return readFileSync('/proc/mounts', 'utf8');
  } catch {
    return '';
  }
}

/**
 * Asynchronous as all that changes cgroups: the kernel makes one wait for another's change, milliseconds each, and the
 * agent must not stand still meanwhile.
 */
export async function makeCgroup(root: CgroupRoot, name: string): Promise<string | undefined> {
  const path = join(root.path, name);
  try {
    await mkdir(path, { recursive: true });
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

export async function killCgroup(path: string): Promise<void> {
  try {
    await writeFile(join(path, 'cgroup.kill'), '1');
  } catch {
    // It is gone, and so is everything that was in it.
  }
}

/** Succeeds only when nothing is left in it; zombies that wait for PID 1 do not count. */
export async function removeCgroup(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
