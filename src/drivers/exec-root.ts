/**
 * What a task of exec sees as its file system: the node's programs and libraries, of /etc what programs need to run,
 * all read-only and none of it copied, and its own folders. The root itself is an empty skeleton of mount points that
 * all tasks share and none can write to.
 */
import { lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TaskConfig, TaskWorld } from './driver.ts';

export const EXEC_WORLD: TaskWorld = {
  allocDir: '/alloc',
  localDir: '/local',
  secretsDir: '/secrets',
  hasHostEnv: true,
};

export interface Bind {
  /** On the node. */
  readonly source: string;
  /** Inside. */
  readonly target: string;
}

export const SYSTEM_FOLDERS = ['/bin', '/lib', '/lib32', '/lib64', '/libx32', '/sbin', '/usr'];

/** No accounts' secrets, no services' settings. Names resolve, certificates are known, libraries are found. */
const SYSTEM_FILES = [
  '/etc/alternatives',
  '/etc/bash.bashrc',
  '/etc/ca-certificates',
  '/etc/crypto-policies',
  '/etc/debian_version',
  '/etc/fonts',
  '/etc/gai.conf',
  '/etc/group',
  '/etc/host.conf',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/inputrc',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/mime.types',
  '/etc/nsswitch.conf',
  '/etc/os-release',
  '/etc/passwd',
  '/etc/pki',
  '/etc/profile',
  '/etc/protocols',
  '/etc/resolv.conf',
  '/etc/services',
  '/etc/ssl',
  '/etc/timezone',
  '/run/resolvconf',
  '/run/systemd/resolve',
];

/** Mount points that every task has. */
const FOLDERS = ['/alloc', '/dev', '/local', '/proc', '/run', '/secrets', '/sys', '/tmp', '/var'];

/** Makes the skeleton; answers what of the node stands in it, the outer folders first. */
export function makeExecRoot(root: string, mounts = readFileSync('/proc/mounts', 'utf8')): Bind[] {
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true, mode: 0o755 });
  const folders = SYSTEM_FOLDERS.filter((path) => !makeLink(root, path) && kindOf(path) === 'folder');
  const files = SYSTEM_FILES.filter((path) => kindOf(path) !== undefined);
  for (const path of [...folders, ...files]) makeMountPoint(join(root, path), kindOf(path));
  return [...folders, ...mountedBelow(folders, mounts), ...files].map((path) => ({ source: path, target: path }));
}

/** The task's own folders: all that it can write to. */
export const ownBinds = (task: Pick<TaskConfig, 'taskDir' | 'allocDir'>): Bind[] => [
  { source: task.allocDir, target: EXEC_WORLD.allocDir },
  { source: join(task.taskDir, 'local'), target: EXEC_WORLD.localDir },
  { source: join(task.taskDir, 'secrets'), target: EXEC_WORLD.secretsDir },
  { source: join(task.taskDir, 'tmp'), target: '/tmp' },
];

export const isInSystem = (path: string): boolean => SYSTEM_FOLDERS.some((folder) => path.startsWith(`${folder}/`));

/** Where the node has what a task sees under `path`; undefined for what only the container has. */
export function onNode(path: string, binds: readonly Bind[]): string | undefined {
  const holds = ({ target }: Bind) => path === target || path.startsWith(`${target}/`);
  const bind = binds.filter(holds).sort((a, b) => b.target.length - a.target.length)[0];
  return bind && join(bind.source, path.slice(bind.target.length));
}

/** "/bin" is "usr/bin" on most machines, and then inside as well. */
function makeLink(root: string, path: string): boolean {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return false;
  try {
    symlinkSync(readlinkSync(path), join(root, path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return true;
}

/** A bind of a folder leaves out what is mounted in it: those need binds of their own, or they would be writable. */
function mountedBelow(folders: readonly string[], mounts: string): string[] {
  const points = mounts.split('\n').map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '));
  const below = points.filter((point) => folders.some((folder) => point.startsWith(`${folder}/`)));
  return [...new Set(below)].filter((point) => kindOf(point) !== undefined).sort();
}

function kindOf(path: string): 'folder' | 'file' | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return 'folder';
  return found?.isFile() ? 'file' : undefined;
}

function makeMountPoint(path: string, kind: 'folder' | 'file' | undefined): void {
  mkdirSync(kind === 'folder' ? path : dirname(path), { recursive: true, mode: 0o755 });
  if (kind === 'file') writeFileSync(path, '', { flag: 'a', mode: 0o644 });
}
