/** Follows one object through blocking queries. An agent that is restarted meanwhile is waited for. */
import { ApiUnreachable } from '../api/api-errors.ts';
import type { Read, ReadOptions } from '../api/requester.ts';
import { sleep } from '../lib/clock.ts';
import type { CommandContext } from './command.ts';

const WAIT_MS = 60_000;
const PATIENCE_MS = 30_000;
const RETRY_MS = 300;

export interface WatchOptions {
  /** Yields at least this often, although the object itself did not change: what it waits for may have. */
  readonly refreshMs?: number;
}

/** Yields what is there, then whatever it becomes; ends only with its consumer. */
export async function* watch<T>(
  context: CommandContext,
  read: (options: ReadOptions) => Promise<Read<T>>,
  options: WatchOptions = {},
): AsyncGenerator<T, never> {
  let index = 0;
  for (;;) {
    const blocking = index === 0 ? {} : { index, waitMs: options.refreshMs ?? WAIT_MS };
    const answer = await patiently(context, index > 0, () => read({ ...blocking, signal: context.signal }));
    // A server that was set up anew counts from the start: what we knew is no longer a past of it.
    const isNews = answer.index !== index || index === 0 || options.refreshMs !== undefined;
    index = answer.index < index ? 0 : answer.index;
    if (isNews) yield answer.data;
    if (index === 0) await sleep(context.clock, RETRY_MS, context.signal);
  }
}

/** The very first request fails at once: then the address is wrong, not the agent away. */
async function patiently<T>(context: CommandContext, retries: boolean, ask: () => Promise<T>): Promise<T> {
  const until = context.clock.nowMs() + (retries ? PATIENCE_MS : 0);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiUnreachable) || context.clock.nowMs() >= until) throw error;
      await sleep(context.clock, RETRY_MS, context.signal);
    }
  }
}
