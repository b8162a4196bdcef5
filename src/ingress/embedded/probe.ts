/** One active check of a server: does it answer, seen from here? */
import { connect } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import type { BackendCheck } from '../../model/ingress.ts';
import { HeadReader } from './head-reader.ts';
import { parseResponseHead } from './response-head.ts';

export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
}

/** The default where a service has no check that can be made from here: connecting is enough. */
export const CONNECT_CHECK: BackendCheck = { Type: 'tcp', Path: '', Method: '', IntervalMs: 2000, TimeoutMs: 1000 };

/** Calls `judge` once and later, unless the returned function cancelled it before. */
export type Probe = (
  clock: Clock,
  target: ProbeTarget,
  check: BackendCheck,
  judge: (passed: boolean) => void,
) => () => void;

export const probe: Probe = (clock, target, check, judge) => {
  const socket = connect({ host: target.address, port: target.port, noDelay: true });
  const finish = (passed: boolean) => {
    cancel();
    judge(passed);
  };
  const timer = clock.after(check.TimeoutMs, () => finish(false));
  const cancel = () => {
    timer.cancel();
    socket.removeAllListeners();
    socket.on('error', () => {});
    socket.destroy();
  };
  socket.on('error', () => finish(false));
  socket.on('close', () => finish(false));
  socket.on('connect', () => (check.Type === 'http' ? ask(socket.write.bind(socket), target, check) : finish(true)));
  const reader = new HeadReader();
  socket.on('data', (chunk) => {
    const passed = verdict(reader, chunk, check.Method);
    if (passed !== undefined) finish(passed);
  });
  return cancel;
};

function ask(write: (text: string) => void, { address, port }: ProbeTarget, check: BackendCheck): void {
  const host = address.includes(':') ? `[${address}]` : address;
  write(
    `${check.Method || 'GET'} ${check.Path || '/'} HTTP/1.1\r\nHost: ${host}:${port}\r\n` +
      'User-Agent: serin-ingress-check\r\nAccept: */*\r\nConnection: close\r\n\r\n',
  );
}

/** Any status from 200 to 399 passes; undefined while the answer is not there yet. */
function verdict(reader: HeadReader, chunk: Buffer, method: string): boolean | undefined {
  try {
    const head = reader.push(chunk);
    if (head === undefined) return undefined;
    const { status } = parseResponseHead(head.text, method);
    return status >= 200 && status < 400;
  } catch {
    return false;
  }
}
