/**
 * The last lines that an allocation's tasks wrote: the evidence that goes with a judgement "unhealthy" and with a
 * failure, so that it is still there when the files are not. Each stream is small: it is kept in the state's row.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { AllocTaskOutput } from '../model/allocation.ts';
import { type LogStream, listLogFiles, openLogFile } from './log-files.ts';

const MAX_BYTES = 2048;
const MAX_LINES = 20;

/** By task; a task that wrote nothing, or whose files are gone, is left out. */
export function lastOutput(logsDir: string, tasks: readonly string[]): Record<string, AllocTaskOutput> {
  const found = tasks.map((task): [string, AllocTaskOutput] => [
    task,
    { Stdout: lastOfStream(logsDir, task, 'stdout'), Stderr: lastOfStream(logsDir, task, 'stderr') },
  ]);
  return Object.fromEntries(found.filter(([, { Stdout, Stderr }]) => Stdout !== '' || Stderr !== ''));
}

/** Whole lines, at most 20 and 2 kB of them; of one line that is longer, its end. */
export function lastLinesOf(written: Buffer, isWhole: boolean): string {
  const from = Math.max(0, written.length - MAX_BYTES);
  const kept = written.subarray(from);
  const startsInside = from > 0 ? written[from - 1] !== NEWLINE : !isWhole;
  const text = kept.toString('utf8').replace(/\n$/, '');
  const lines = text.split('\n');
  if (startsInside && lines.length > 1) lines.shift();
  // A cut in the middle of a character leaves marks of its missing half.
  return lines.slice(-MAX_LINES).join('\n').replace(/^�+/, '');
}

const NEWLINE = 0x0a;

/** A rotation may just have begun a new file: then the one before has the rest. */
function lastOfStream(logsDir: string, task: string, stream: LogStream): string {
  let written = Buffer.alloc(0);
  let isWhole = true;
  for (const { name } of listLogFiles(logsDir, task, stream).reverse()) {
    const end = endOfFile(logsDir, name, MAX_BYTES + 1 - written.length);
    written = Buffer.concat([end.data, written]);
    isWhole = end.isWhole;
    if (written.length > MAX_BYTES) break;
  }
  return lastLinesOf(written, isWhole);
}

/** What cannot be read is no evidence, and no reason to leave out the rest. */
function openQuietly(logsDir: string, name: string): number | undefined {
  try {
    return openLogFile(logsDir, name);
  } catch {
    return undefined;
  }
}

interface End {
  readonly data: Buffer;
  readonly isWhole: boolean;
}

function endOfFile(logsDir: string, name: string, most: number): End {
  const fd = openQuietly(logsDir, name);
  if (fd === undefined) return { data: Buffer.alloc(0), isWhole: true };
  try {
    const { size } = fstatSync(fd);
    const data = Buffer.alloc(Math.min(size, most));
    const bytes = readSync(fd, data, 0, data.length, size - data.length);
    return { data: data.subarray(0, bytes), isWhole: size <= most };
  } finally {
    closeSync(fd);
  }
}
