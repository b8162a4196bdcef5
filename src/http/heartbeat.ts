/** A stream that says nothing for long looks broken: `undefined` whenever nothing came for `everyMs`. */
import { type Clock, sleep } from '../lib/clock.ts';

export async function* withHeartbeat<T>(
  items: AsyncIterable<T>,
  clock: Clock,
  everyMs: number,
): AsyncGenerator<T | undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const result = await within(next, clock, everyMs);
      if (result === undefined) {
        yield undefined;
        continue;
      }
      if (result.done) return;
      yield result.value;
      next = iterator.next();
    }
  } finally {
    // Not awaited for its value: the item under way may never come, and the source ends by its own signal.
    next.catch(() => {});
    void iterator.return?.();
  }
}

/** The result, or undefined when it takes longer. */
async function within<R>(result: Promise<R>, clock: Clock, ms: number): Promise<R | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([result, sleep(clock, ms, over.signal).then(() => undefined)]);
  } finally {
    over.abort();
  }
}
