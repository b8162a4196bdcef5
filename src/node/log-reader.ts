/** Reads a task's output across its rotated files, from an offset, to the end or on and on. */
import { closeSync, fstatSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, sleep } from '../lib/clock.ts';
import { type LogStream, listLogFiles, openLogFile } from './log-files.ts';

export interface LogRequest {
  readonly task: string;
  readonly type: LogStream;
  /** Bytes from the origin: from the oldest byte forward, or from the newest backward. */
  readonly offset: number;
  readonly origin: 'start' | 'end';
  /** Goes on with what is written later, until the signal aborts or the allocation has ended. */
  readonly follow: boolean;
}

export interface LogChunk {
  readonly File: string;
  /** Of the first byte of Data in File. */
  readonly Offset: number;
  readonly Data: Buffer;
}

export interface LogSource extends LogRequest {
  readonly logsDir: string;
  /** Nobody reads while bytes move from one file to another. */
  readonly rotator: { settled(): Promise<void> };
  readonly isOver: () => boolean;
  readonly clock: Clock;
}

const CHUNK_BYTES = 64 * 1024;
const LOOK_MS = 50;

interface Position {
  readonly number: number;
  readonly offset: number;
}

export async function* readLogs(source: LogSource, signal: AbortSignal): AsyncGenerator<LogChunk, void> {
  await source.rotator.settled();
  let position = firstPosition(source);
  while (!signal.aborted) {
    // Asked before reading: what was written before the end is still read.
    const isLast = !source.follow || source.isOver();
    for (;;) {
      await source.rotator.settled();
      const found = readNext(source, position);
      if (found === undefined || signal.aborted) break;
      position = found.next;
      yield found.chunk;
    }
    if (isLast) return;
    await sleep(source.clock, LOOK_MS, signal);
  }
}

function firstPosition(source: LogSource): Position {
  const files = listLogFiles(source.logsDir, source.task, source.type);
  const sizes = files.map((file) => statSync(join(source.logsDir, file.name), { throwIfNoEntry: false })?.size ?? 0);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let skip = source.origin === 'start' ? source.offset : Math.max(0, total - source.offset);
  for (const [at, { number }] of files.entries()) {
    const size = sizes[at] ?? 0;
    if (skip < size || at === files.length - 1) return { number, offset: Math.min(skip, size) };
    skip -= size;
  }
  return { number: 0, offset: 0 };
}

/** The next bytes at or after the position; undefined when there are none yet. Synchronous: no rotation in between. */
function readNext(source: LogSource, from: Position): { chunk: LogChunk; next: Position } | undefined {
  let { offset } = from;
  for (const { name, number } of listLogFiles(source.logsDir, source.task, source.type)) {
    if (number < from.number) continue;
    const { data, size } = readAt(source.logsDir, name, offset);
    if (data.length > 0) {
      return { chunk: { File: name, Offset: offset, Data: data }, next: { number, offset: offset + data.length } };
    }
    // A rotation may leave the last of what was read here at the beginning of the next file.
    offset = Math.max(0, offset - size);
  }
  return undefined;
}

function readAt(logsDir: string, name: string, offset: number): { readonly data: Buffer; readonly size: number } {
  const fd = openLogFile(logsDir, name);
  if (fd === undefined) return { data: Buffer.alloc(0), size: 0 };
  try {
    const size = fstatSync(fd).size;
    const data = Buffer.alloc(Math.max(0, Math.min(CHUNK_BYTES, size - offset)));
    const bytes = data.length === 0 ? 0 : readSync(fd, data, 0, data.length, offset);
    return { data: data.subarray(0, bytes), size };
  } finally {
    closeSync(fd);
  }
}
