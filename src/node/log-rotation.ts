/**
 * Keeps a task's output within `max_files` of `max_file_size` each. The task itself holds its file open for appending
 * and no pipe runs through the agent, so that output neither stops nor is lost while the agent is away. Hence the
 * file cannot simply be renamed; instead
 *   1. the full part is copied to a file of its own, which takes the number N,
 *   2. the open file takes the number N + 1,
 *   3. the copied part is cut off the open file's beginning.
 * Where the file system can cut a file's beginning off (`fallocate --collapse-range`: ext4, xfs), no byte is lost and
 * none is there twice. Elsewhere the file is truncated: what the task writes between the last look at its size and
 * that call (some microseconds) is lost. While no agent runs nothing is rotated, and files grow beyond their size.
 */
import { execFile } from 'node:child_process';
import {
  closeSync,
  constants,
  copyFileSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Clock, sleep } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { type LogStream, listLogFiles, logFileName, openLogFile } from './log-files.ts';

export interface RotationTarget {
  readonly logsDir: string;
  readonly task: string;
  readonly maxFiles: number;
  readonly maxFileBytes: number;
}

export interface LogRotatorOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly targets: () => readonly RotationTarget[];
}

const LOOK_MS = 2_000;
const STREAMS: readonly LogStream[] = ['stdout', 'stderr'];

export class LogRotator {
  readonly #options: LogRotatorOptions;
  readonly #failing = new Set<string>();
  #busy: Promise<void> | undefined;

  constructor(options: LogRotatorOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.clock, LOOK_MS, signal);
      if (!signal.aborted) await this.rotateDue();
    }
  }

  /** Resolves when no bytes are moving between files. */
  async settled(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
  }

  async rotateDue(): Promise<void> {
    for (const target of this.#options.targets()) {
      for (const stream of STREAMS) {
        if (isDue(target, stream)) await this.#rotate(target, stream);
      }
    }
  }

  async #rotate(target: RotationTarget, stream: LogStream): Promise<void> {
    this.#busy = this.#tryToRotate(target, stream).finally(() => {
      this.#busy = undefined;
    });
    await this.#busy;
  }

  async #tryToRotate(target: RotationTarget, stream: LogStream): Promise<void> {
    const key = `${target.logsDir}/${target.task}.${stream}`;
    try {
      await rotate(target, stream);
      this.#failing.delete(key);
    } catch (error) {
      // Every two seconds: on a disk that is full the log must not fill it further.
      if (!this.#failing.has(key)) this.#warn(target, stream, error);
      this.#failing.add(key);
    }
  }

  #warn({ task }: RotationTarget, stream: LogStream, error: unknown): void {
    this.#options.log.warn(
      { task, stream, error: messageOf(error) },
      'log file cannot be rotated; it grows until it can',
    );
  }
}

function isDue(target: RotationTarget, stream: LogStream): boolean {
  const newest = listLogFiles(target.logsDir, target.task, stream).at(-1);
  if (newest === undefined || target.maxFileBytes <= 0) return false;
  return sizeOf(join(target.logsDir, newest.name)) >= target.maxFileBytes;
}

/** 0 where nobody can say: a log that cannot be looked at is no reason to end the agent. */
function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

export async function rotate(target: RotationTarget, stream: LogStream): Promise<void> {
  const files = listLogFiles(target.logsDir, target.task, stream);
  const newest = files.at(-1);
  if (newest === undefined) return;
  const full = join(target.logsDir, newest.name);
  const next = join(target.logsDir, logFileName(target.task, stream, newest.number + 1));
  const copy = `${full}.copy`;
  copyWhole(target.logsDir, newest.name, copy);
  rmSync(next, { recursive: true, force: true });
  renameSync(full, next);
  renameSync(copy, full);
  await cutBeginning(next, full);
  for (const old of files.slice(0, Math.max(0, files.length + 1 - Math.max(1, target.maxFiles)))) {
    rmSync(join(target.logsDir, old.name), { force: true });
  }
}

/** Never through a link that a task made, on either side. Half a copy would only take room from who needs it. */
function copyWhole(logsDir: string, name: string, to: string): void {
  const fd = openLogFile(logsDir, name);
  if (fd === undefined) throw new Error(`${name} is no file any more`);
  try {
    rmSync(to, { recursive: true, force: true });
    copyFileSync(`/proc/self/fd/${fd}`, to, constants.COPYFILE_EXCL);
  } catch (error) {
    rmSync(to, { recursive: true, force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

const run = promisify(execFile);

/** Removes from `file` what `copy` has of it. */
async function cutBeginning(file: string, copy: string): Promise<void> {
  const copied = statSync(copy).size;
  const { blksize } = statSync(file);
  // Less than all: a range that reaches the end cannot be collapsed.
  const wholeBlocks = Math.max(0, Math.floor((copied - 1) / blksize) * blksize);
  try {
    await run('fallocate', ['--collapse-range', '--offset', '0', '--length', String(wholeBlocks), file]);
    // The last part of a block stays in the open file, so it goes from the copy.
    truncateSync(copy, wholeBlocks);
  } catch {
    await appendRest(file, copy, copied);
  }
}

/** Copies until nothing more comes, then truncates at once. */
async function appendRest(file: string, copy: string, copied: number): Promise<void> {
  const from = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  const to = await open(copy, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
  try {
    const buffer = Buffer.alloc(1 << 20);
    for (let at = copied; ; ) {
      const { bytesRead } = await from.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      await to.write(buffer, 0, bytesRead);
      at += bytesRead;
    }
    const fd = openSync(file, constants.O_RDWR | constants.O_NOFOLLOW);
    ftruncateSync(fd, 0);
    closeSync(fd);
  } finally {
    await from.close();
    await to.close();
  }
}
