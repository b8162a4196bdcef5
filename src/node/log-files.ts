/**
 * The files that a task's output goes to: `TASK.stdout.0`, `.1`, … the highest number is the one being written.
 * The shim opens that file for appending and keeps it open; see `log-rotation.ts` for how it gets a new number.
 *
 * Tasks may write to their folder, and what they put there in place of a file (a link, a pipe) is none: the agent may be
 * able to read and write much more than they.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

export type LogStream = 'stdout' | 'stderr';

export interface LogFile {
  readonly name: string;
  readonly number: number;
}

/** Oldest first. */
export function listLogFiles(logsDir: string, task: string, stream: LogStream): LogFile[] {
  const prefix = `${task}.${stream}.`;
  return namesIn(logsDir)
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => ({ name, number: Number(name.slice(prefix.length)) }))
    .sort((a, b) => a.number - b.number);
}

export const logFileName = (task: string, stream: LogStream, number: number): string => `${task}.${stream}.${number}`;

/** The file that a new start appends to. What a task may have put in its place is removed. */
export function currentLogFile(logsDir: string, task: string, stream: LogStream): string {
  const newest = listLogFiles(logsDir, task, stream).at(-1);
  const file = join(logsDir, logFileName(task, stream, newest?.number ?? 0));
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) rmSync(file, { recursive: true, force: true });
  return file;
}

/** undefined where there is none, where it is no file, and where it is not where its name says. */
export function openLogFile(logsDir: string, name: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(join(logsDir, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (NO_FILE.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  if (fstatSync(fd).isFile() && readlinkSync(`/proc/self/fd/${fd}`) === join(realFolder(logsDir), name)) return fd;
  closeSync(fd);
  return undefined;
}

/** Missing, a link, a socket, something that is there in place of the folder. */
const NO_FILE = ['ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR'];

/** The folder's own name and that of the one above are the node's: links there were made by a task. */
const realFolder = (logsDir: string): string =>
  join(realpathSync(dirname(dirname(logsDir))), basename(dirname(logsDir)), basename(logsDir));

function namesIn(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch {
    return [];
  }
}
