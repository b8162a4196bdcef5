/** Waits a moment for the first item, so that an error that comes at once can still become a status. */
import { type Clock, sleep } from '../lib/clock.ts';

export async function startReading<T>(
  items: AsyncIterable<T>,
  clock: Clock,
  atMostMs: number,
): Promise<AsyncIterable<T>> {
  const iterator = items[Symbol.asyncIterator]();
  const first = iterator.next();
  const started = new AbortController();
  try {
    await Promise.race([first, sleep(clock, atMostMs, started.signal)]);
  } finally {
    started.abort();
  }
  return resume(iterator, first);
}

async function* resume<T>(iterator: AsyncIterator<T>, first: Promise<IteratorResult<T>>): AsyncGenerator<T> {
  try {
    for (let result = await first; !result.done; result = await iterator.next()) yield result.value;
  } finally {
    await iterator.return?.();
  }
}
