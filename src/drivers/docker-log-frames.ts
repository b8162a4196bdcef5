/**
 * The engine's log stream, cut into entries: with timestamps asked for, each is "TIME " and what the task wrote. Without
 * a terminal each stands in a frame (one byte for the stream, three of nothing, four for the length); with one there
 * are no frames, only lines. Pure.
 */

export type LogStreamName = 'stdout' | 'stderr';

export interface LogEntry {
  readonly stream: LogStreamName;
  /** As the engine writes it; "" where an entry has none. */
  readonly time: string;
  readonly data: Buffer;
}

const HEADER_BYTES = 8;
const STDERR = 2;
const NEWLINE = 10;
/** No engine writes a longer time. */
const MAX_TIME_CHARS = 40;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) /;

/** Takes the stream in any pieces; what is incomplete waits for the next. */
export class LogEntries {
  readonly #take: (bytes: Buffer) => { readonly entry: LogEntry; readonly used: number } | undefined;
  #rest: Buffer = Buffer.alloc(0);

  constructor(hasTerminal: boolean) {
    this.#take = hasTerminal ? takeLine : takeFrame;
  }

  push(chunk: Buffer): LogEntry[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const entries: LogEntry[] = [];
    for (let next = this.#take(this.#rest); next !== undefined; next = this.#take(this.#rest)) {
      entries.push(next.entry);
      this.#rest = this.#rest.subarray(next.used);
    }
    return entries;
  }
}

function takeFrame(bytes: Buffer): { readonly entry: LogEntry; readonly used: number } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const used = HEADER_BYTES + bytes.readUInt32BE(4);
  if (bytes.length < used) return undefined;
  return { entry: entryOf(bytes[0] === STDERR ? 'stderr' : 'stdout', bytes.subarray(HEADER_BYTES, used)), used };
}

function takeLine(bytes: Buffer): { readonly entry: LogEntry; readonly used: number } | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) return undefined;
  return { entry: entryOf('stdout', bytes.subarray(0, end + 1)), used: end + 1 };
}

function entryOf(stream: LogStreamName, bytes: Buffer): LogEntry {
  const time = TIME.exec(bytes.toString('latin1', 0, MAX_TIME_CHARS))?.[0] ?? '';
  return { stream, time: time.trimEnd(), data: bytes.subarray(time.length) };
}

/** Nanoseconds since the epoch. */
export function timeNanos(time: string): bigint {
  const [, whole = '', fraction = '', zone = 'Z'] = /^([^.Z+]{19})(?:\.(\d+))?(.*)$/.exec(time) ?? [];
  const seconds = BigInt(Date.parse(`${whole}${zone}`)) / 1000n;
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
