/** Which cgroups the machine has: constraints ask for it, and people who wonder why `exec` is not there. */
import type { Mount } from './mounts.ts';

/** "v2" where it is alone; beside v1, which then has the controllers, it does not count. */
export function cgroupAttributes(mounts: readonly Mount[]): Record<string, string> {
  const v1 = mounts.find(({ kind }) => kind === 'cgroup');
  const v2 = mounts.find(({ kind }) => kind === 'cgroup2');
  const found = v1 ?? v2;
  if (found === undefined) return {};
  return {
    'unique.cgroup.mountpoint': v1 ? parentOf(v1.folder) : found.folder,
    'unique.cgroup.version': v1 ? 'v1' : 'v2',
  };
}

/** Each controller of v1 is mounted by itself, side by side. */
const parentOf = (folder: string): string => folder.slice(0, folder.lastIndexOf('/')) || '/';
