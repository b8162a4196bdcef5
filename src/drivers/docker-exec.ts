/** Commands inside a container, and what a container uses. */
import { readFileSync } from 'node:fs';
import type { ContainerStats } from 'dockerode';
import type { Clock } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import type { Engine } from './docker-engine.ts';
import { LogEntries } from './docker-log-frames.ts';
import type { ExecOutput, ExecRequest, TaskStats } from './driver.ts';

/** With the environment, the user and the directory of the container itself. Killed when it takes too long. */
export async function execInContainer(
  engine: Engine,
  container: string,
  request: ExecRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<ExecOutput> {
  const exec = await engine.getContainer(container).exec({
    Cmd: [request.command, ...request.args],
    AttachStdout: true,
    AttachStderr: true,
    ...(request.user !== '' && { User: request.user }),
  });
  const cut = new AbortController();
  let why = '';
  const stop = (reason: string) => {
    why = reason;
    cut.abort();
  };
  const timer = clock.after(request.timeoutMs, () => stop(`no result within ${request.timeoutMs} ms`));
  const abort = () => stop('stopped');
  signal.addEventListener('abort', abort, { once: true });
  try {
    const stream = await exec.start({ abortSignal: cut.signal });
    const output = await outputOf(stream, request.maxOutputBytes);
    if (why !== '') throw new Error(why);
    return { exitCode: (await exec.inspect()).ExitCode ?? -1, output };
  } catch (error) {
    if (why === '') throw error;
    const { Pid } = await exec.inspect();
    killIfOf(container, Pid);
    throw new SerinError('driver', `${request.command}: ${why}`, { cause: error });
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', abort);
  }
}

async function outputOf(stream: AsyncIterable<Buffer | string>, maxBytes: number): Promise<string> {
  const entries = new LogEntries(false);
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    for (const { data } of entries.push(Buffer.from(chunk as Buffer))) {
      const rest = data.subarray(0, Math.max(0, maxBytes - size));
      size += rest.length;
      if (rest.length > 0) kept.push(rest);
    }
  }
  return Buffer.concat(kept).toString('utf8');
}

/** Engines have no call that ends a command. A pid counts only if its cgroup is the container's. */
function killIfOf(container: string, pid: number): void {
  try {
    if (pid > 0 && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(container)) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, or the engine runs elsewhere: then the command ends with its container.
  }
}

/** As `docker stats` counts: the page cache that can be given up is no use of memory. */
export function statsOf(stats: ContainerStats, pid: number, nowMs: number): TaskStats {
  const memory = stats.memory_stats as Partial<ContainerStats['memory_stats']> | undefined;
  const details = memory?.stats as Readonly<Record<string, number>> | undefined;
  const cache = details?.total_inactive_file ?? details?.inactive_file ?? 0;
  return {
    timestampMs: nowMs,
    rssBytes: Math.max(0, (memory?.usage ?? 0) - cache),
    cpuMs: Math.round((stats.cpu_stats?.cpu_usage?.total_usage ?? 0) / 1e6),
    pids: pid > 0 ? [pid] : [],
  };
}
