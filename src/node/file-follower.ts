/**
 * The bytes of a file, to its end or as they come. Whoever follows is told when the file was cut short or is gone, and goes
 * on with what is there under its name then: that is how log files rotate. The reader sets the pace: nothing is read
 * before it asks for more.
 */
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type Clock, sleep } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';

export interface FileRequest {
  readonly path: string;
  /** Bytes from the origin: from the first byte forward, or from the last backward. */
  readonly offset: number;
  readonly origin: 'start' | 'end';
  /** At most so many bytes. */
  readonly limit?: number;
  readonly follow: boolean;
}

export const FileEvents = { truncated: 'file truncated', deleted: 'file deleted' } as const;
export type FileEvent = (typeof FileEvents)[keyof typeof FileEvents];

export interface FileChunk {
  readonly File: string;
  /** Of the first byte of Data in File. */
  readonly Offset: number;
  /** Empty beside an event. */
  readonly Data: Buffer;
  readonly FileEvent?: FileEvent;
}

export interface FollowedFile extends FileRequest {
  /** What is under the path now; a `SerinError` where that is no file. */
  readonly open: () => Promise<FileHandle>;
  readonly isOver: () => boolean;
  readonly clock: Clock;
}

const CHUNK_BYTES = 64 * 1024;
const LOOK_MS = 100;
const KNOWN_BY_BYTES = 1024;

/** Ends when the signal aborts, too: an open file then waits for nobody. */
export async function* followFile(source: FollowedFile, signal: AbortSignal): AsyncGenerator<FileChunk, void> {
  const reader = new Reader(source, await source.open());
  const close = () => void reader.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await reader.goTo(source.offset, source.origin);
    for (;;) {
      // Asked before reading: what was written before the end is still read.
      const isLast = !source.follow || source.isOver();
      yield* reader.toTheEnd(signal);
      if (isLast || signal.aborted) return;
      await sleep(source.clock, LOOK_MS, signal);
      if (signal.aborted) return;
      yield* reader.noteChanges(signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', close);
    await reader.close();
  }
}

class Reader {
  readonly #source: FollowedFile;
  #file: FileHandle;
  #at = 0;
  #left: number;
  #isGone = false;
  /** The last bytes before `at`, to know a copy of the file by. */
  #last: Buffer = Buffer.alloc(0);

  constructor(source: FollowedFile, file: FileHandle) {
    this.#source = source;
    this.#file = file;
    this.#left = source.limit ?? Number.POSITIVE_INFINITY;
  }

  async goTo(offset: number, origin: 'start' | 'end'): Promise<void> {
    const { size } = await this.#file.stat();
    this.#at = origin === 'start' ? Math.min(offset, size) : Math.max(0, size - offset);
  }

  async *toTheEnd(signal: AbortSignal): AsyncGenerator<FileChunk> {
    while (!signal.aborted && this.#left > 0) {
      const length = Math.min(CHUNK_BYTES, this.#left);
      // Never shown but for what was read into it.
      const buffer = Buffer.allocUnsafeSlow(length);
      const { bytesRead } = await this.#file.read(buffer, 0, length, this.#at);
      if (bytesRead === 0) return;
      const Offset = this.#at;
      this.#at += bytesRead;
      this.#left -= bytesRead;
      const Data = buffer.subarray(0, bytesRead);
      this.#last = Buffer.from(Data.subarray(-KNOWN_BY_BYTES));
      yield { File: this.#source.path, Offset, Data };
    }
  }

  /** Cut short: from its beginning. Another under the name: the rest of the old one, then the new one. */
  async *noteChanges(signal: AbortSignal): AsyncGenerator<FileChunk> {
    const now = await this.#file.stat();
    const next = await this.#nextFile(now);
    if (next === 'gone') {
      if (!this.#isGone) yield this.#event('file deleted');
      this.#isGone = true;
    } else if (next !== undefined) {
      yield* this.#goOnWith(next, signal);
    } else if (now.size < this.#at) {
      this.#at = 0;
      yield this.#event('file truncated');
    }
  }

  async *#goOnWith(next: FileHandle, signal: AbortSignal): AsyncGenerator<FileChunk> {
    try {
      const isCopy = await this.#isCopy(next);
      if (!isCopy) yield* this.toTheEnd(signal);
      if (!isCopy && !this.#isGone) yield this.#event('file deleted');
      if (!isCopy) this.#at = 0;
      this.#isGone = false;
    } finally {
      await this.#file.close();
      this.#file = next;
    }
  }

  /** What rotates the logs of tasks leaves a copy of a full file under its name: nobody wants to read that twice. */
  async #isCopy(next: FileHandle): Promise<boolean> {
    const { length } = this.#last;
    if (length === 0 || length > this.#at) return false;
    const { bytesRead, buffer } = await next.read(Buffer.alloc(length), 0, length, this.#at - length);
    return bytesRead === length && buffer.equals(this.#last);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** undefined: the same as before. As long as it is open no other file gets its number. */
  async #nextFile(now: Stats): Promise<FileHandle | 'gone' | undefined> {
    let found: FileHandle;
    try {
      found = await this.#source.open();
    } catch (error) {
      if (error instanceof SerinError) return 'gone';
      throw error;
    }
    const stats = await found.stat();
    if (stats.ino !== now.ino || stats.dev !== now.dev) return found;
    await found.close();
    this.#isGone = false;
    return undefined;
  }

  #event(FileEvent: FileEvent): FileChunk {
    return { File: this.#source.path, Offset: this.#at, Data: Buffer.alloc(0), FileEvent };
  }
}
