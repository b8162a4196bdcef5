/** One active check of a server: does it answer, seen from here? */
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import type { BackendCheck } from '../../model/ingress.ts';
import { HeadReader } from './head-reader.ts';
import { renderProxyHeader } from './proxy-protocol.ts';
import { parseResponseHead } from './response-head.ts';

export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  readonly isH2c: boolean;
  readonly sendProxy: 'v1' | 'v2' | undefined;
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
  if (target.isH2c && check.Type === 'http') return probeH2c(clock, target, check, judge);
  const socket = connectTo(target);
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

/** A check is nobody's connection. */
function connectTo({ address, port, sendProxy }: ProbeTarget): Socket {
  const socket = connect({ host: address, port, noDelay: true });
  if (sendProxy !== undefined) socket.write(renderProxyHeader(sendProxy, undefined));
  return socket;
}

const passes = (status: number): boolean => status >= 200 && status < 400;

const authorityOf = ({ address, port }: ProbeTarget): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

const probeH2c: Probe = (clock, target, check, judge) => {
  const socket = connectTo(target);
  const session = connectHttp2(`http://${authorityOf(target)}`, { createConnection: () => socket });
  let isOver = false;
  const cancel = () => {
    isOver = true;
    timer.cancel();
    session.destroy();
  };
  const finish = (passed: boolean) => {
    if (isOver) return;
    cancel();
    judge(passed);
  };
  const timer = clock.after(check.TimeoutMs, () => finish(false));
  session.on('error', () => finish(false));
  session.on('close', () => finish(false));
  const headers = { ':method': check.Method || 'GET', ':path': check.Path || '/', 'user-agent': USER_AGENT };
  const stream = session.request(headers, { endStream: true });
  stream.on('error', () => finish(false));
  stream.on('response', (answer) => finish(passes(answer[':status'] ?? 0)));
  return cancel;
};

const USER_AGENT = 'serin-ingress-check';

function ask(write: (text: string) => void, target: ProbeTarget, check: BackendCheck): void {
  write(
    `${check.Method || 'GET'} ${check.Path || '/'} HTTP/1.1\r\nHost: ${authorityOf(target)}\r\n` +
      `User-Agent: ${USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );
}

/** Any status from 200 to 399 passes; undefined while the answer is not there yet. */
function verdict(reader: HeadReader, chunk: Buffer, method: string): boolean | undefined {
  try {
    const head = reader.push(chunk);
    if (head === undefined) return undefined;
    return passes(parseResponseHead(head.text, method).status);
  } catch {
    return false;
  }
}
