/** HAProxy's runtime API: through the master's socket, so that each of its workers can be asked, old ones included. */
import { connect } from 'node:net';
import { SerinError } from '../../lib/errors.ts';

/** A line may have 16 KB there. */
const LONGEST_LINE = 12_000;
const ANSWER_WITHIN_MS = 5000;

/** Sends one line and gives all of the answer. */
export function ask(socketPath: string, line: string, timeoutMs = ANSWER_WITHIN_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ path: socketPath });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => reject(unreachable(socketPath, error)));
    socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.end(`${line}\n`);
  });
}

const unreachable = (path: string, cause: Error): SerinError =>
  new SerinError('unavailable', `HAProxy does not answer at ${path}: ${cause.message}`, { cause });

/** Commands for one worker, in order; answers of several lines come one after another. */
export async function askWorker(
  masterSocket: string,
  pid: number,
  commands: readonly string[],
  withinMs?: number,
): Promise<string> {
  let answers = '';
  for (const line of linesFor(pid, commands)) answers += await ask(masterSocket, line, withinMs);
  return answers;
}

/** In a line for the master each command names its worker anew. */
export function linesFor(pid: number, commands: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '';
  for (const command of commands) {
    const next = `@!${pid} ${command}`;
    if (line !== '' && line.length + next.length >= LONGEST_LINE) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? next : `${line};${next}`;
  }
  return line === '' ? lines : [...lines, line];
}
