/**
 * What a node must know after a SIGKILL: its allocations, their tasks' handles, their health. One journal of JSON lines,
 * each written with one call, the newest line of an allocation wins; it is written anew when most of it is old. (A file
 * for each allocation, replaced by rename, makes ext4 flush every time: 200 starts took half a second of that alone.)
 * Nothing is flushed to the disk: what it describes, running processes, does not survive a power cut either.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Allocation, AllocUpdate } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import type { CheckState } from './check-state.ts';
import type { SavedTask } from './task-record.ts';

/** The verdict on an allocation's health, for the deployment that it was made for. */
export interface SavedHealth {
  readonly deploymentId: string;
  readonly deadlineMs: number;
  readonly verdict: Readonly<NonNullable<AllocUpdate['Healthy']>> | null;
  readonly acknowledged: boolean;
}

export interface SavedAlloc {
  readonly alloc: Allocation;
  readonly tasks: Readonly<Record<string, SavedTask>>;
  readonly checks: Readonly<Record<string, CheckState>>;
  readonly health: SavedHealth | null;
}

type Line =
  | { readonly format: number }
  | { readonly job: Job }
  | { readonly saved: SavedAlloc; readonly jobKey: string }
  | { readonly removed: string };

/** Writes to the journal; tests have a disk that is full. */
export type JournalWrite = (fd: number, bytes: Buffer, offset: number) => number;

const FORMAT = 1;
/** Rewritten when it is this large and this many times larger than what counts of it. */
const REWRITE_BYTES = 4 * 1024 * 1024;
const REWRITE_RATIO = 4;

export class ClientState {
  readonly #dir: string;
  readonly #log: Log;
  readonly #file: string;
  readonly #jobs = new Map<string, Job>();
  /** The newest line of each allocation. */
  readonly #allocs = new Map<string, { readonly line: string; readonly jobKey: string }>();
  readonly #write: JournalWrite;
  #fd: number;
  #size = 0;
  #isFailing = false;

  constructor(dir: string, log: Log, write: JournalWrite = writeSync) {
    this.#dir = dir;
    this.#log = log;
    this.#write = write;
    this.#file = join(dir, 'allocs.journal');
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#readJournal();
    this.#fd = this.#open();
  }

  /** The id of that name, made the first time. */
  identity(name: string, make: () => string): string {
    const file = join(this.#dir, name);
    if (existsSync(file)) return readFileSync(file, 'utf8').trim();
    const id = make();
    writeFileSync(`${file}.new`, id, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return id;
  }

  /** Once it returns, the next agent knows it. Throws where the disk takes nothing; then nothing has changed. */
  save(saved: SavedAlloc, job: Job): void {
    const jobKey = keyOf(job);
    if (!this.#jobs.has(jobKey)) {
      this.#append(JSON.stringify({ job } satisfies Line));
      this.#jobs.set(jobKey, job);
    }
    const line = JSON.stringify({ saved, jobKey } satisfies Line);
    this.#append(line);
    this.#allocs.set(saved.alloc.ID, { line, jobKey });
    this.#tidy();
  }

  /** Where the disk takes nothing, the next agent finds an allocation that has ended, and removes it again. */
  remove(allocId: string): void {
    if (!this.#allocs.delete(allocId)) return;
    try {
      this.#append(JSON.stringify({ removed: allocId } satisfies Line));
    } catch {
      // The log has it.
    }
  }

  load(): { readonly saved: SavedAlloc; readonly job: Job }[] {
    return [...this.#allocs.values()].flatMap(({ line, jobKey }) => {
      const job = this.#jobs.get(jobKey);
      return job === undefined ? [] : [{ saved: (JSON.parse(line) as { saved: SavedAlloc }).saved, job }];
    });
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let at = 0; at < bytes.length; ) at += this.#write(this.#fd, bytes, at);
    } catch (error) {
      cutOff(this.#fd, this.#size);
      throw this.#failure(error);
    }
    this.#size += bytes.length;
    if (this.#isFailing) this.#log.info({}, 'the journal of the node can be written again');
    this.#isFailing = false;
  }

  /** Said once in the log, however often it is tried. */
  #failure(error: unknown): SerinError {
    const sentence = `${this.#file} cannot be written: ${messageOf(error)}; free some space or make it writable`;
    if (!this.#isFailing) this.#log.error({}, sentence);
    this.#isFailing = true;
    return new SerinError('storage', sentence, { cause: error });
  }

  #tidy(): void {
    if (this.#size <= REWRITE_BYTES || this.#size <= REWRITE_RATIO * this.#liveSize()) return;
    const old = this.#fd;
    try {
      this.#fd = this.#rewrite();
      closeSync(old);
    } catch (error) {
      this.#failure(error);
    }
  }

  /** On a disk that is full the old journal goes on. */
  #open(): number {
    try {
      return this.#rewrite();
    } catch (error) {
      const failure = this.#failure(error);
      if (!existsSync(this.#file)) throw failure;
      const fd = openJournal(this.#file, failure);
      this.#size = readFileSync(this.#file).lastIndexOf('\n') + 1;
      cutOff(fd, this.#size);
      return fd;
    }
  }

  #liveSize(): number {
    let size = 0;
    for (const { line } of this.#allocs.values()) size += line.length;
    return size;
  }

  #readJournal(): void {
    if (!existsSync(this.#file)) return;
    const lines = readFileSync(this.#file, 'utf8').split('\n').filter(Boolean);
    for (const [at, text] of lines.entries()) {
      try {
        this.#take(JSON.parse(text) as Line, text);
      } catch (error) {
        if (error instanceof SerinError) throw error;
        // The last one may be cut off; any other was damaged by somebody else.
        if (at < lines.length - 1)
          this.#log.error({ line: at + 1, error: messageOf(error) }, 'journal line unreadable');
      }
    }
  }

  #take(line: Line, text: string): void {
    if ('format' in line) {
      if (line.format === FORMAT) return;
      throw new SerinError(
        'storage',
        `${this.#file} has format ${line.format}, this version reads ${FORMAT}; run the version that wrote it`,
      );
    }
    if ('job' in line) this.#jobs.set(keyOf(line.job), line.job);
    else if ('removed' in line) this.#allocs.delete(line.removed);
    else this.#allocs.set(line.saved.alloc.ID, { line: text, jobKey: line.jobKey });
  }

  /** By rename, with only what counts. */
  #rewrite(): number {
    const allocs = [...this.#allocs.values()];
    const used = new Set(allocs.map(({ jobKey }) => jobKey));
    for (const key of this.#jobs.keys()) if (!used.has(key)) this.#jobs.delete(key);
    const jobs = [...this.#jobs.values()].map((job) => JSON.stringify({ job } satisfies Line));
    const lines = [JSON.stringify({ format: FORMAT } satisfies Line), ...jobs, ...allocs.map(({ line }) => line)];
    const text = `${lines.join('\n')}\n`;
    writeFileSync(`${this.#file}.new`, text, { mode: 0o600 });
    const fd = openSync(`${this.#file}.new`, 'a');
    renameSync(`${this.#file}.new`, this.#file);
    this.#size = Buffer.byteLength(text);
    return fd;
  }
}

/** Half a line would spoil the one that comes behind it. */
function cutOff(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // A disk that refuses this refuses the next line too.
  }
}

function openJournal(file: string, failure: SerinError): number {
  try {
    return openSync(file, 'a');
  } catch {
    throw failure;
  }
}

const keyOf = (job: Job): string => JSON.stringify([job.Namespace, job.ID, job.Version, job.CreateIndex]);
