/** Runs the command line in this process, against an agent of a test, at a given moment. */
import { PassThrough, Readable } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';
import { systemClock } from '../../lib/clock.ts';
import { runCli } from '../run-cli.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly address?: string;
  readonly nowMs?: number;
  readonly input?: string;
  readonly isTTY?: boolean;
  readonly environment?: Record<string, string>;
}

export async function runWords(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const out = collector(options.isTTY === true);
  const err = collector(false);
  const clock: Clock = { ...systemClock, nowMs: () => options.nowMs ?? Date.now() };
  const status = await runCli({
    words,
    environment: { ...(options.address ? { NOMAD_ADDR: options.address } : {}), ...options.environment },
    stdin: Readable.from([options.input ?? '']),
    stdout: out.stream,
    stderr: err.stream,
    clock,
    signal: new AbortController().signal,
    version: '0.1.0',
    runAgent: async (rest) => {
      out.stream.write(`agent ${rest.join(' ')}\n`);
      return 0;
    },
  });
  return { status, out: out.text(), err: err.text() };
}

function collector(isTTY: boolean) {
  const chunks: Buffer[] = [];
  const stream = Object.assign(new PassThrough(), isTTY ? { isTTY, columns: 120 } : {});
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
