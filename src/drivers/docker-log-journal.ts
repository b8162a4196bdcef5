/**
 * How far a task's output was copied from the engine, kept on disk beside it so that no byte is lost or doubled when
 * the agent is killed at any moment. Each batch is two steps: bytes are appended to the task's files, then the record
 * says how large the files are now and up to which entry that is. Whoever finds a file larger than its record says cuts
 * it back and copies again from the record's entry.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LogEntry, LogStreamName } from './docker-log-frames.ts';
import { timeNanos } from './docker-log-frames.ts';

/** The last entry that was copied: its time, and how many entries in a row have that same time. */
interface Position {
  readonly time: string;
  readonly seen: number;
}

interface StreamRecord extends Position {
  readonly path: string;
  /** Finds the file again after a rotation gave it another name. */
  readonly inode: number;
  readonly size: number;
}

export interface LogRecord {
  readonly stdout: StreamRecord;
  readonly stderr: StreamRecord;
  readonly hasTerminal: boolean;
  /** Everything that the engine had of it was copied. */
  readonly isWhole: boolean;
}

const STREAMS: readonly LogStreamName[] = ['stdout', 'stderr'];
/** An engine copies the two streams apart from each other: an entry may come later than a younger one of the other. */
const STREAMS_APART_SECONDS = 10;

export interface LogPaths {
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

export function newRecord({ stdoutPath, stderrPath }: LogPaths, hasTerminal: boolean): LogRecord {
  return { stdout: newStream(stdoutPath), stderr: newStream(stderrPath), hasTerminal, isWhole: false };
}

function newStream(path: string): StreamRecord {
  const fd = openSync(path, 'a');
  const { ino, size } = fstatSync(fd);
  closeSync(fd);
  return { path, inode: ino, size, time: '', seen: 0 };
}

export function readRecord(file: string): LogRecord | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LogRecord) : undefined;
}

export function writeRecord(file: string, record: LogRecord): void {
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export const removeRecord = (file: string): void => rmSync(file, { force: true });

/** The open files of one task while its output is copied. One at a time for a task. */
export class LogJournal {
  readonly #file: string;
  readonly #fds: Readonly<Record<LogStreamName, number>>;
  #record: LogRecord;
  /** Up to where the engine sends again what was copied before. */
  #resend: Record<LogStreamName, Position | undefined>;

  constructor(file: string, record: LogRecord) {
    this.#file = file;
    this.#record = record;
    this.#fds = { stdout: openStream(record.stdout), stderr: openStream(record.stderr) };
    this.#resend = resendUntil(record);
    for (const stream of STREAMS) this.#cutBack(stream);
    this.#write({});
  }

  get record(): LogRecord {
    return this.#record;
  }

  /** From which second on the engine's log is needed; 0: from its beginning. */
  get sinceSeconds(): number {
    const times = STREAMS.map((stream) => this.#record[stream].time).filter((time) => time !== '');
    const seconds = times.map((time) => Number(timeNanos(time) / 1_000_000_000n));
    return Math.max(0, Math.max(0, ...seconds) - STREAMS_APART_SECONDS);
  }

  /** The engine's log is read from `sinceSeconds` again. */
  restart(): void {
    this.#resend = resendUntil(this.#record);
  }

  append(entries: readonly LogEntry[]): void {
    const fresh = entries.filter((entry) => this.#isNew(entry));
    if (fresh.length === 0) return;
    // A rotation may have cut the files since.
    if (STREAMS.some((stream) => this.#size(stream) !== this.#record[stream].size)) this.#write({});
    for (const stream of STREAMS) appendTo(this.#fds[stream], fresh, stream);
    this.#write(Object.fromEntries(STREAMS.map((stream) => [stream, advance(this.#record[stream], fresh, stream)])));
  }

  finish(): void {
    this.#write({ isWhole: true });
  }

  close(): void {
    for (const stream of STREAMS) closeSync(this.#fds[stream]);
  }

  #isNew({ stream, time }: LogEntry): boolean {
    const until = this.#resend[stream];
    if (until === undefined || time === '') return true;
    const [at, last] = [timeNanos(time), timeNanos(until.time)];
    if (at < last) return false;
    if (at === last && until.seen > 0) {
      this.#resend[stream] = { ...until, seen: until.seen - 1 };
      return false;
    }
    // From here on all is new, even if the node's clock is set back.
    this.#resend[stream] = undefined;
    return true;
  }

  #cutBack(stream: LogStreamName): void {
    const { size, inode } = this.#record[stream];
    const now = fstatSync(this.#fds[stream]);
    // A smaller file was rotated since, and nothing was appended after that without a record.
    if (now.ino === inode && now.size > size) ftruncateSync(this.#fds[stream], size);
  }

  #size(stream: LogStreamName): number {
    return fstatSync(this.#fds[stream]).size;
  }

  #write(change: Partial<LogRecord>): void {
    const next = { ...this.#record, ...change };
    const withFile = (stream: LogStreamName): StreamRecord => {
      const { ino, size } = fstatSync(this.#fds[stream]);
      return { ...next[stream], inode: ino, size };
    };
    this.#record = { ...next, stdout: withFile('stdout'), stderr: withFile('stderr') };
    writeRecord(this.#file, this.#record);
  }
}

const resendUntil = ({ stdout, stderr }: LogRecord): Record<LogStreamName, Position | undefined> => ({
  stdout: stdout.time === '' ? undefined : stdout,
  stderr: stderr.time === '' ? undefined : stderr,
});

/** Under whatever name it has now; anew where it is gone. */
function openStream({ path, inode }: StreamRecord): number {
  const dir = dirname(path);
  const isIt = (name: string) => statSync(join(dir, name), { throwIfNoEntry: false })?.ino === inode;
  const name = existsSync(dir) ? [basename(path), ...readdirSync(dir)].find(isIt) : undefined;
  return openSync(name === undefined ? path : join(dir, name), 'a');
}

function appendTo(fd: number, entries: readonly LogEntry[], stream: LogStreamName): void {
  const bytes = Buffer.concat(entries.filter((entry) => entry.stream === stream).map(({ data }) => data));
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function advance(record: StreamRecord, entries: readonly LogEntry[], stream: LogStreamName): StreamRecord {
  const times = entries.filter((entry) => entry.stream === stream && entry.time !== '').map(({ time }) => time);
  const time = times.at(-1);
  if (time === undefined) return record;
  const others = times.findLastIndex((each) => each !== time) + 1;
  const before = others === 0 && time === record.time ? record.seen : 0;
  return { ...record, time, seen: before + times.length - others };
}
