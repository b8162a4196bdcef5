/** Reads a task's output across its rotated files, from an offset, to the end or on and on. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, sleep } from '../lib/clock.ts';
import { type LogStream, listLogFiles } from './log-files.ts';

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
  let position = await firstPosition(source);
  while (!signal.aborted) {
    // Asked before reading: what was written before the end is still read.
    const isLast = !source.follow || source.isOver();
    for (;;) {
      await source.rotator.settled();
      const chunk = await readChunk(source, position);
      if (chunk === undefined || signal.aborted) break;
      position = { number: chunk.number, offset: chunk.Offset + chunk.Data.length };
      yield { File: chunk.File, Offset: chunk.Offset, Data: chunk.Data };
    }
    if (isLast) return;
    await sleep(source.clock, LOOK_MS, signal);
  }
}

async function firstPosition(source: LogSource): Promise<Position> {
  const files = listLogFiles(source.logsDir, source.task, source.type);
  const sizes = await Promise.all(files.map((file) => sizeOf(join(source.logsDir, file.name))));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let skip = source.origin === 'start' ? source.offset : Math.max(0, total - source.offset);
  for (const [at, file] of files.entries()) {
    const size = sizes[at]!;
    if (skip <= size && !(skip === size && at < files.length - 1)) return { number: file.number, offset: skip };
    skip -= size;
  }
  const last = files.at(-1);
  return { number: last?.number ?? 0, offset: sizes.at(-1) ?? 0 };
}

/** The next bytes at or after the position; undefined when there are none yet. */
async function readChunk(source: LogSource, from: Position): Promise<(LogChunk & { number: number }) | undefined> {
  for (const { name, number } of listLogFiles(source.logsDir, source.task, source.type)) {
    if (number < from.number) continue;
    const offset = number === from.number ? from.offset : 0;
    const data = await readAt(join(source.logsDir, name), offset);
    if (data.length > 0) return { File: name, Offset: offset, Data: data, number };
  }
  return undefined;
}

async function readAt(file: string, offset: number): Promise<Buffer> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return 0;
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
