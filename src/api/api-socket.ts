/** A WebSocket to an agent. The library is loaded by the few commands that want one. */
import { on } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { ApiError } from './api-errors.ts';

export interface ApiSocket {
  readonly messages: AsyncIterable<string>;
  /** Why it ended. */
  readonly closed: Promise<string>;
  send(text: string): Promise<void>;
  close(): void;
}

export interface SocketSettings {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Of an address with https. */
  readonly tls: object;
  readonly signal: AbortSignal | undefined;
}

const WAITING = { highWaterMark: 64, lowWaterMark: 16 };
const NO_REASON = 'the connection was lost before the command ended';
const SILENT: readonly number[] = [1005, 1006];

/** Rejects with `ApiError` when the agent refuses, and with the network's own error when none answers. */
export async function openSocket({ url, headers, tls, signal }: SocketSettings): Promise<ApiSocket> {
  const { WebSocket: Socket } = await import('ws');
  const target = new URL(url);
  target.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new Socket(target, { ...tls, headers, perMessageDeflate: false });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (request, answer) => {
      request.on('error', () => {});
      refusalOf(answer).then(reject, reject);
    });
  });
  const talk = talkOver(socket);
  signal?.addEventListener('abort', () => socket.terminate(), { once: true });
  await opened;
  return talk;
}

function talkOver(socket: WebSocket): ApiSocket {
  const closed = new Promise<string>((resolve) => {
    socket.once('close', (code, reason) => resolve(SILENT.includes(code) ? NO_REASON : reason.toString('utf8')));
  });
  // Every error is followed by the end.
  socket.on('error', () => {});
  return {
    messages: textsOf(on(socket, 'message', { close: ['close'], ...WAITING })),
    closed,
    send: (text) => new Promise((resolve) => socket.send(text, () => resolve())),
    close: () => socket.close(),
  };
}

async function* textsOf(events: AsyncIterable<unknown[]>): AsyncGenerator<string> {
  for await (const [data] of events) yield String(data);
}

async function refusalOf(answer: IncomingMessage): Promise<ApiError> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return new ApiError(answer.statusCode ?? 0, Buffer.concat(chunks).toString('utf8').trimEnd());
}
