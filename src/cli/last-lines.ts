/** The last lines of what is read in bytes, from its end: asked for again, further back, until there are enough. */

/** Answers the last bytes, so many at most. */
export type ReadEnd = (bytes: number) => Promise<AsyncIterable<Uint8Array>>;

export interface End {
  readonly text: Buffer;
  /** How many bytes were read to find it. */
  readonly bytes: number;
}

/** How much of the end is read first to find so many lines in it. */
const BYTES_PER_LINE = 400;
/** No further back: lines that are longer than this are no lines. */
const MOST_BYTES = 64 * 1024 * 1024;

export async function readLastLines(readEnd: ReadEnd, count: number): Promise<End> {
  for (let asked = Math.max(1, count) * BYTES_PER_LINE; ; asked *= 8) {
    const end = await collect(await readEnd(asked));
    const isWhole = end.length < asked || asked * 8 > MOST_BYTES;
    const start = startOfLast(end, count);
    if (isWhole || start > 0) return { text: end.subarray(start), bytes: end.length };
  }
}

/**
 * The last `count` lines of the first `bytes`, which are held back until they are all there, and then what follows.
 * For a stream that never ends, whose end `bytes` was found by `readLastLines`.
 */
export async function* lastLines(
  body: AsyncIterable<Uint8Array>,
  count: number,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  let held: Buffer | undefined = bytes > 0 ? Buffer.alloc(0) : undefined;
  for await (const chunk of body) {
    if (held === undefined) {
      yield chunk;
      continue;
    }
    held = Buffer.concat([held, chunk]);
    if (held.length < bytes) continue;
    yield held.subarray(startOfLast(held, count));
    held = undefined;
  }
  if (held !== undefined) yield held.subarray(startOfLast(held, count));
}

/** 0 where there are no more lines than that. A last line need not have ended. */
function startOfLast(text: Buffer, count: number): number {
  let at = text.at(-1) === NEWLINE ? text.length - 1 : text.length;
  if (count === 0) return text.length;
  for (let lines = 0; lines < count; lines++) {
    // Looking back from -1 would begin again at the end.
    if (at <= 0) return 0;
    at = text.lastIndexOf(NEWLINE, at - 1);
  }
  return at < 0 ? 0 : at + 1;
}

const NEWLINE = 0x0a;

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
