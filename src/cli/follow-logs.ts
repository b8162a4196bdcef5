/** Follows a task's output: whatever happens to the agent in between, it goes on behind the last byte that was printed. */
import type { LogFrame } from '../api/log-frames.ts';
import type { LogQuery } from '../api/workloads.ts';
import type { CommandContext } from './command.ts';
import { keepFollowing } from './keep-following.ts';

export async function* followLogs(context: CommandContext, id: string, query: LogQuery): AsyncGenerator<Buffer> {
  let last: LogFrame | undefined;
  for await (const frame of keepFollowing(context, id, () => open(context, id, query, last))) {
    const fresh = freshPart(frame, last);
    if (fresh.length === 0) continue;
    last = frame;
    yield fresh;
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
