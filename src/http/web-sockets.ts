/**
 * Binds the routes that both sides talk over: the guard and the tokens hold before anything is upgraded. Whatever else
 * asks for an upgrade (h2c, a path without such a route, a refused call) is answered as the ordinary call that it is.
 */
import type { IncomingMessage, Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { sleep } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import { type HandshakeFrame, SocketCodes } from '../model/exec-frames.ts';
import { tokenOf, tokenRefusal } from './auth.ts';
import { type Conversation, conversationOver } from './conversation.ts';
import type { HttpDeps } from './deps.ts';
import { toHttpError } from './error-to-http.ts';
import { refusalOf } from './guard.ts';
import { pathParams } from './path-matcher.ts';
import { parseQuery } from './query.ts';
import type { Call, Route, SocketHandler } from './route.ts';

export type SocketBinding = Pick<HttpDeps, 'hosts' | 'tokens' | 'log' | 'clock'>;

const HANDSHAKE_WITHIN_MS = 10_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const HANDSHAKE = 'ws_handshake';

export function bindWebSockets(
  server: Server,
  binding: SocketBinding,
  routes: readonly Route[],
  closing: AbortSignal,
): void {
  const handlers = routes.flatMap(({ path, WEBSOCKET }) => (WEBSOCKET ? [{ path, handler: WEBSOCKET }] : []));
  if (handlers.length === 0) return;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    const asked = { request, socket, head };
    const found = handlers
      .map(({ path, handler }) => ({ handler, params: pathParams(path, pathOf(request)) }))
      .find(({ params }) => params !== undefined);
    if (found?.params === undefined || !isWebSocket(request)) return asOrdinary(server, asked);
    const { handler, params } = found;
    admit(binding, request)
      .then((isAdmitted) => (isAdmitted ? serve(binding, handler, asked, params, closing) : asOrdinary(server, asked)))
      .catch((error) => {
        binding.log.error({ err: error, url: request.url }, 'upgrade failed');
        socket.destroy();
      });
  });
}

interface Asked {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').replace(/\?.*$/s, '');

const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/** Those who are refused hear it from the ordinary way, which asks the same questions. */
async function admit({ hosts, tokens }: SocketBinding, request: IncomingMessage): Promise<boolean> {
  if (refusalOf({ method: 'GET', headers: request.headers }, hosts) !== undefined) return false;
  if (tokens === undefined || waitsForHandshake(request)) return true;
  return (await tokenRefusal(pathOf(request), request.headers, tokens)) === undefined;
}

/** A page can send no headers with a WebSocket: its token comes first of all. */
const waitsForHandshake = (request: IncomingMessage): boolean =>
  tokenOf(request.headers) === undefined && /[?&]ws_handshake=(true|1)(&|$)/.test(request.url ?? '');

async function serve(
  binding: SocketBinding,
  handler: SocketHandler,
  { request, socket, head }: Asked,
  params: Readonly<Record<string, string>>,
  closing: AbortSignal,
): Promise<void> {
  // Loaded by the first who asks.
  const { WebSocketServer } = await import('ws');
  const upgrader = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  upgrader.handleUpgrade(request, socket, head, (upgraded) => {
    const talk = conversationOver(upgraded, binding.clock);
    const gone = new AbortController();
    const leave = () => talk.close(SocketCodes.leaving, 'The agent stops.');
    closing.addEventListener('abort', leave, { once: true });
    if (closing.aborted) leave();
    void talk.closed.then(() => {
      closing.removeEventListener('abort', leave);
      gone.abort();
    });
    void handle(binding, handler, { ...callOf(request, gone.signal), params }, talk);
  });
}

async function handle(binding: SocketBinding, handler: SocketHandler, call: Call, talk: Conversation): Promise<void> {
  try {
    await handler(await afterHandshake(binding, call, talk), talk);
  } catch (error) {
    const { sentence, unexpected } = toHttpError(error);
    if (unexpected) binding.log.error({ err: error, url: call.url }, 'conversation failed');
    talk.close(unexpected ? SocketCodes.failed : SocketCodes.refused, sentence);
  }
}

async function afterHandshake({ tokens, clock }: SocketBinding, call: Call, talk: Conversation): Promise<Call> {
  if (!/[?&]ws_handshake=(true|1)(&|$)/.test(call.url)) return { ...call, query: parseQuery(call.url) };
  const patience = new AbortController();
  const first = await Promise.race([
    talk.messages.next(),
    sleep(clock, HANDSHAKE_WITHIN_MS, patience.signal).then(() => undefined),
  ]);
  patience.abort();
  const token = tokenIn(first?.value);
  const headers = token === '' ? call.headers : { ...call.headers, 'x-nomad-token': token };
  const refused = tokens && (await tokenRefusal(call.url.replace(/\?.*$/s, ''), headers, tokens));
  if (refused !== undefined) throw new SerinError('unauthorized', refused);
  const url = withoutHandshake(call.url);
  return { ...call, headers, url, query: parseQuery(url) };
}

function tokenIn(text: string | undefined): string {
  try {
    const frame = JSON.parse(text ?? '') as Partial<HandshakeFrame> | null;
    if (typeof frame === 'object' && frame?.version === 1) return String(frame.auth_token ?? '');
  } catch {
    // No JSON.
  }
  throw new SerinError('badRequest', 'The first message must be {"version": 1, "auth_token": "…"}.');
}

function withoutHandshake(url: string): string {
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  const params = new URLSearchParams(query);
  params.delete(HANDSHAKE);
  return `${path}?${params}`;
}

function callOf(request: IncomingMessage, signal: AbortSignal): Omit<Call, 'params'> {
  return {
    method: 'GET',
    url: request.url ?? '/',
    query: parseQuery(''),
    headers: request.headers,
    body: Buffer.alloc(0),
    signal,
  };
}

const UPGRADING = ['upgrade', 'http2-settings'];

/** Gives the connection back to the server as if nothing but a call had been asked for. */
function asOrdinary(server: Server, { request, socket, head }: Asked): void {
  const lines: string[] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2);
    if (UPGRADING.includes(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value}`);
  }
  const start = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
  socket.unshift(Buffer.concat([Buffer.from([start, ...lines, '', ''].join('\r\n'), 'latin1'), head]));
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket);
}

const withoutUpgrade = (value: string): string =>
  value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => !UPGRADING.includes(word.toLowerCase()))
    .join(', ') || 'keep-alive';
