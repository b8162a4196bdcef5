/**
 * A client's connection that speaks HTTP/2, with TLS or by prior knowledge. Its requests are as independent as those of
 * many connections: each is routed, admitted and counted for itself.
 */
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { FORBIDDEN } from './admission.ts';
import { Backend } from './backend.ts';
import type { ConnectionDeps } from './connection-deps.ts';
import { BadMessage } from './header-fields.ts';
import { Http2ClientStream } from './http2-client-stream.ts';
import { requestHeadOf } from './http2-request-head.ts';
import type { OpenConnection } from './listener.ts';
import { locationOf, RedirectTarget } from './redirect.ts';

/** What a client may send unread: of one request, and of all of them together. */
const STREAM_WINDOW_BYTES = 256 * 1024;
const SESSION_WINDOW_BYTES = 1024 * 1024;
const MAX_STREAMS = 256;
/** Answers that wait for a slow client count as well. */
const MAX_SESSION_MB = 64;
const MAX_HEADER_LIST_BYTES = 32 * 1024;

/** What a client of HTTP/2 sends first. */
export const HTTP2_PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export class Http2Connection implements OpenConnection {
  readonly #session: ServerHttp2Session;
  readonly #deps: ConnectionDeps;
  readonly #streams = new Set<Http2ClientStream>();
  #idleSinceMs: number;

  constructor(socket: Socket, deps: ConnectionDeps, closed: () => void) {
    this.#deps = deps;
    this.#idleSinceMs = deps.clock.nowMs();
    // A client that sends nothing more takes nothing more either, unlike one of HTTP/1.
    socket.allowHalfOpen = false;
    this.#session = performServerHandshake(socket, {
      maxHeaderListPairs: 256,
      maxSessionMemory: MAX_SESSION_MB,
      settings: {
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxConcurrentStreams: MAX_STREAMS,
        maxHeaderListSize: MAX_HEADER_LIST_BYTES,
      },
    });
    this.#session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    this.#session.on('stream', (stream, headers, flags, ...more: unknown[]) =>
      this.#streamed(stream, headers, flags, more[0] as string[]),
    );
    this.#session.on('error', () => {});
    this.#session.on('close', closed);
  }

  /** Says that no further request is taken; those that are open go on. */
  closeWhenIdle(): void {
    if (!this.#session.closed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  sweep(nowMs: number): void {
    for (const stream of this.#streams) stream.sweep(nowMs);
    const isIdle = this.#streams.size === 0 && nowMs - this.#idleSinceMs > this.#deps.timeouts.idleMs;
    if (isIdle) this.closeWhenIdle();
  }

  #streamed(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: readonly string[]): void {
    const client = new Http2ClientStream(stream, this.#deps.origin);
    this.#streams.add(client);
    stream.on('close', () => this.#streamClosed(client));
    try {
      this.#begin(client, headers, raw, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      client.answer(error.status, error.message);
    }
  }

  #begin(client: Http2ClientStream, headers: IncomingHttpHeaders, raw: readonly string[], isEnd: boolean): void {
    const head = requestHeadOf(headers, raw, isEnd);
    const target = this.#deps.route(head.host, head.path);
    if (target === undefined) client.answer(404, `no service here answers to ${head.host}${head.path}`);
    else if (target === FORBIDDEN) client.answer(403, `${this.#deps.origin.client.address} may not come in here`);
    else if (target instanceof Backend) client.start(this.#deps.clock, target, head);
    else if (!(target instanceof RedirectTarget)) client.start(this.#deps.clock, target.backend, head, target.gate);
    else {
      const location = locationOf(target, head);
      client.answer(308, `this is at ${location}`, { location });
    }
  }

  #streamClosed(client: Http2ClientStream): void {
    this.#streams.delete(client);
    this.#idleSinceMs = this.#deps.clock.nowMs();
  }
}
