/**
 * Follows a task's output until its allocation has ended. An agent that is restarted meanwhile is waited for, and the
 * output goes on behind the last byte that was printed: tasks outlive the agent, and so does the look at them.
 */
import { ApiError, ApiUnreachable } from '../api/api-errors.ts';
import type { LogFrame } from '../api/log-frames.ts';
import type { LogQuery } from '../api/workloads.ts';
import { sleep } from '../lib/clock.ts';
import type { CommandContext } from './command.ts';

const PATIENCE_MS = 30_000;
const RETRY_MS = 300;
const TERMINAL = ['complete', 'failed', 'lost'];

export async function* followLogs(context: CommandContext, id: string, query: LogQuery): AsyncGenerator<Buffer> {
  let last: LogFrame | undefined;
  let lostSinceMs: number | undefined;
  while (!context.signal.aborted) {
    try {
      for await (const frame of await open(context, id, query, last)) {
        lostSinceMs = undefined;
        const fresh = freshPart(frame, last);
        if (fresh.length === 0) continue;
        last = frame;
        yield fresh;
      }
      if (await hasEnded(context, id)) return;
    } catch (error) {
      lostSinceMs ??= context.clock.nowMs();
      const isOver = context.clock.nowMs() - lostSinceMs > PATIENCE_MS;
      if (context.signal.aborted || last === undefined || isOver || !mayPass(error)) throw error;
    }
    await sleep(context.clock, RETRY_MS, context.signal);
  }
}

/** There is no asking for a file and a place in it: what was printed already is read again and passed over. */
function open({ client, signal }: CommandContext, id: string, query: LogQuery, last: LogFrame | undefined) {
  const again = last === undefined ? query : { ...query, origin: 'start' as const, offset: 0 };
  return client.allocations.logFrames(id, again, signal);
}

function freshPart(frame: LogFrame, last: LogFrame | undefined): Buffer {
  if (last === undefined || numberOf(frame) > numberOf(last)) return frame.data;
  if (numberOf(frame) < numberOf(last)) return Buffer.alloc(0);
  return frame.data.subarray(Math.max(0, last.offset + last.data.length - frame.offset));
}

const numberOf = ({ file }: LogFrame): number => Number(/\d+$/.exec(file)?.[0] ?? 0);

async function hasEnded({ client }: CommandContext, id: string): Promise<boolean> {
  return TERMINAL.includes((await client.allocations.read(id)).data.ClientStatus);
}

/** An agent that starts knows its allocations a moment after it answers. */
const mayPass = (error: unknown): boolean =>
  error instanceof ApiUnreachable || (error instanceof ApiError && [404, 500, 503].includes(error.httpStatus));
