/** Which device a folder is on, and how full it is: of /proc/mounts and statfs. */
import { readFileSync, statfsSync } from 'node:fs';

export interface Mount {
  readonly device: string;
  readonly folder: string;
  /** Of the file system: "ext4", "tmpfs", "cgroup2". */
  readonly kind: string;
}

export interface Space {
  readonly totalBytes: number;
  /** What a user without privileges may still write. */
  readonly freeBytes: number;
  /** With what only root may write. */
  readonly freeToRootBytes: number;
  readonly inodesUsedPercent: number;
}

/** The mount that holds `path`: of those above it the lowest, and of two on one folder the later, which hides the other. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    if (isAbove(mount.folder, path) && mount.folder.length >= (found?.folder.length ?? 0)) found = mount;
  }
  return found;
}

const isAbove = (folder: string, path: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`);

/** Lines of /proc/mounts; a space in a name stands there as "\040". */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [device, folder, kind = ''] = line.split(' ').map((field) => field.replace(/\\([0-7]{3})/g, byCode));
    return device && folder ? [{ device, folder, kind }] : [];
  });
}

const byCode = (_all: string, code: string): string => String.fromCharCode(Number.parseInt(code, 8));

/** Nothing where the system does not tell. */
export function readMounts(): Mount[] {
  try {
    return parseMounts(readFileSync('/proc/mounts', 'utf8'));
  } catch {
    return [];
  }
}

/** undefined where the folder is not there, or nobody may look. */
export function spaceOf(path: string): Space | undefined {
  try {
    const { bsize, blocks, bavail, bfree, files, ffree } = statfsSync(path);
    return {
      totalBytes: bsize * blocks,
      freeBytes: bsize * bavail,
      freeToRootBytes: bsize * bfree,
      inodesUsedPercent: files > 0 ? ((files - ffree) / files) * 100 : 0,
    };
  } catch {
    return undefined;
  }
}
