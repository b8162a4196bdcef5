/**
 * Follows what an allocation writes until it has ended. An agent that is restarted meanwhile is waited for, and `open` is
 * asked again: tasks outlive the agent, and so does the look at them.
 */
import { ApiError, ApiUnreachable } from '../api/api-errors.ts';
import { sleep } from '../lib/clock.ts';
import type { CommandContext } from './command.ts';

const PATIENCE_MS = 30_000;
const RETRY_MS = 300;
const TERMINAL = ['complete', 'failed', 'lost'];

/** What goes wrong before anything could be opened is the caller's to hear of. */
export async function* keepFollowing<T>(
  context: CommandContext,
  id: string,
  open: () => Promise<AsyncIterable<T>>,
): AsyncGenerator<T> {
  const { clock, signal } = context;
  let wasOpen = false;
  let lostSinceMs: number | undefined;
  let wasMissing = false;
  while (!signal.aborted) {
    try {
      const items = await open();
      wasOpen = true;
      lostSinceMs = undefined;
      wasMissing = false;
      yield* items;
      if (await hasEnded(context, id)) return;
    } catch (error) {
      if (signal.aborted || !wasOpen || !mayPass(error)) throw error;
      // Asked twice: an agent that starts may not have known it the first time.
      if (wasMissing && isMissing(error) && (await hasEndedSurely(context, id))) return;
      wasMissing = isMissing(error);
      lostSinceMs ??= clock.nowMs();
      if (clock.nowMs() - lostSinceMs > PATIENCE_MS) throw error;
    }
    await sleep(clock, RETRY_MS, signal);
  }
}

async function hasEnded({ client }: CommandContext, id: string): Promise<boolean> {
  return TERMINAL.includes((await client.allocations.read(id)).data.ClientStatus);
}

/** It ended and was collected while nobody could be asked. */
const hasEndedSurely = (context: CommandContext, id: string): Promise<boolean> =>
  hasEnded(context, id).catch(() => false);

/** An agent that starts knows its allocations a moment after it answers. */
const mayPass = (error: unknown): boolean =>
  error instanceof ApiUnreachable || (error instanceof ApiError && [404, 500, 503].includes(error.httpStatus));

const isMissing = (error: unknown): boolean => error instanceof ApiError && error.httpStatus === 404;
