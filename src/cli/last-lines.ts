/** The last lines of a stream that begins somewhere in the middle of a line, then what follows. */

/**
 * Holds back what comes until `bytes` were seen or the stream ends; then passes the last `count` lines of it, then the rest.
 * A stream that is followed never ends: give 1, and its first chunk is taken for the end of the file so far.
 */
export async function* lastLines(body: AsyncIterable<Buffer>, count: number, bytes: number): AsyncGenerator<Buffer> {
  let held: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of body) {
    if (held === undefined) {
      yield chunk;
      continue;
    }
    held = Buffer.concat([held, chunk]);
    if (held.length < bytes) continue;
    yield tailOf(held, count);
    held = undefined;
  }
  if (held !== undefined) yield tailOf(held, count);
}

function tailOf(text: Buffer, count: number): Buffer {
  let at = text.at(-1) === 0x0a ? text.length - 1 : text.length;
  for (let lines = 0; lines < count && at > 0; lines++) at = text.lastIndexOf(0x0a, at - 1);
  return at <= 0 ? text : text.subarray(at + 1);
}
