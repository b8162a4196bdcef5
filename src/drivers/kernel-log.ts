/**
 * What the kernel says that it killed, and in whose memory limit: written before the process ends, so the only witness
 * that is never late. Reading needs /dev/kmsg and the right to it; without them nothing is known.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const KERNEL_LOG = '/dev/kmsg';
/** More than the kernel gives in one record. */
const RECORD_BYTES = 8_192;

/** Whether that cgroup's limit made the kernel kill something in it. Engines name cgroups after their containers. */
export async function killedForMemory(cgroup: string): Promise<boolean> {
  const log = await open(KERNEL_LOG, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (log === undefined) return false;
  try {
    for await (const record of records(log)) if (isMemoryKill(record, cgroup)) return true;
    return false;
  } finally {
    await log.close();
  }
}

/** "…oom-kill:constraint=CONSTRAINT_MEMCG,…,oom_memcg=/docker/ID,task_memcg=/docker/ID,task=tail,pid=…" */
export function isMemoryKill(record: string, cgroup: string): boolean {
  const limited = /;oom-kill:constraint=CONSTRAINT_MEMCG,.*\boom_memcg=([^,]*),/.exec(record)?.[1];
  return limited?.includes(cgroup) === true;
}

/** One read gives one record, the oldest first. */
async function* records(log: FileHandle): AsyncGenerator<string> {
  const buffer = Buffer.alloc(RECORD_BYTES);
  for (;;) {
    try {
      const { bytesRead } = await log.read(buffer, 0, RECORD_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.toString('utf8', 0, bytesRead);
    } catch (error) {
      // The kernel overwrote the record that was to come; the next read goes on with the oldest that is left.
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') return;
    }
  }
}
