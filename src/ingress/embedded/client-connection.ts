/**
 * One connection of a client: requests one after the other, each answered before the next is read, for as long as the
 * connection lasts. It does not belong to any server: instances come and go while it stays.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import type { Backend } from './backend.ts';
import type { BodyDecoder } from './body-decoder.ts';
import { Exchange, type ExchangeClient } from './exchange.ts';
import { renderOwnResponse } from './forwarded-head.ts';
import { HeadReader } from './head-reader.ts';
import { BadMessage } from './header-fields.ts';
import { parseRequestHead, type RequestHead } from './request-head.ts';
import { type Piece, writePieces } from './socket-writes.ts';
import { tunnel } from './tunnel.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export interface ConnectionTimeouts {
  /** From the first byte of a head to its last. */
  readonly headMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** From the whole request to the head of its response. */
  readonly responseMs: number;
  /** For what is left of a request that nobody wants, and for a client to close after us. */
  readonly lingerMs: number;
}

export const DEFAULT_TIMEOUTS: ConnectionTimeouts = {
  headMs: 60_000,
  idleMs: 300_000,
  responseMs: 300_000,
  lingerMs: 5000,
};

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly timeouts: ConnectionTimeouts;
  /** Asked anew for every request, so that a new table counts from the next one on. */
  readonly route: (host: string, path: string) => Backend | undefined;
  readonly closed: (connection: ClientConnection) => void;
}

/**
 * head ─▶ exchange ─▶ (discard: the rest of a request that was answered early) ─▶ head …
 * Any of them ─▶ closing: nothing is read any more; tunnel: the bytes are another protocol's.
 */
type Phase = 'head' | 'exchange' | 'discard' | 'closing' | 'tunnel';

export class ClientConnection implements ExchangeClient {
  readonly address: string;
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  readonly #reader = new HeadReader();
  #phase: Phase = 'head';
  #exchange: Exchange | undefined;
  #discarded: BodyDecoder | undefined;
  /** Bytes of the requests after the present one. */
  #pending: Buffer | undefined;
  #isPumping = false;
  #isLast = false;
  #hasEnded = false;
  #sinceMs: number;

  constructor(socket: Socket, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#sinceMs = deps.clock.nowMs();
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('end', () => this.#ended());
    socket.on('drain', () => this.#exchange?.clientWritable());
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
  }

  get mayKeepAlive(): boolean {
    return !this.#isLast && (!this.#hasEnded || this.#pending !== undefined);
  }

  /** No further request after the present one; closes at once when there is none. */
  closeWhenIdle(): void {
    this.#isLast = true;
    if (this.#phase === 'head' && !this.#reader.isStarted) this.#close();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Called about once a second. */
  sweep(nowMs: number): void {
    const { timeouts } = this.#deps;
    const phaseMs = nowMs - this.#sinceMs;
    if (this.#phase === 'closing' || this.#phase === 'discard') {
      if (phaseMs > timeouts.lingerMs) this.destroy();
    } else if (this.#phase === 'head') {
      if (this.#reader.isStarted && phaseMs > timeouts.headMs) this.#answerBad(408, 'the request did not come');
      else if (!this.#reader.isStarted && phaseMs > timeouts.idleMs) this.#close();
    } else {
      const waitsSinceMs = this.#exchange?.waitsSinceMs;
      if (waitsSinceMs !== undefined && nowMs - waitsSinceMs > timeouts.responseMs) this.#exchange?.timedOut();
    }
  }

  write(pieces: readonly Piece[]): boolean {
    return writePieces(this.#socket, pieces);
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    if (this.#pending === undefined && this.#socket.isPaused()) this.#socket.resume();
  }

  done(keepAlive: boolean): void {
    const decoder = this.#exchange?.wantsRequest ? this.#exchange.body.decoder : undefined;
    this.#next(keepAlive, decoder);
  }

  refuse(status: number, message: string): void {
    const exchange = this.#exchange!;
    const keepAlive = !exchange.wantsRequest && exchange.request.keepAlive && this.mayKeepAlive;
    const isHead = exchange.request.method === 'HEAD';
    this.#socket.write(renderOwnResponse(status, message, { keepAlive, isHead }));
    this.#next(keepAlive, exchange.wantsRequest ? exchange.body.decoder : undefined);
  }

  cut(): void {
    this.#exchange = undefined;
    this.#socket.resetAndDestroy();
  }

  tunnelTo(upstream: UpstreamConnection, first: Buffer | undefined, done: () => void): void {
    this.#enter('tunnel');
    this.#exchange = undefined;
    const socket = upstream.detach();
    for (const event of ['data', 'end', 'drain']) this.#socket.removeAllListeners(event);
    if (first !== undefined) this.#socket.write(first);
    if (this.#pending !== undefined) socket.write(this.#pending);
    this.#pending = undefined;
    tunnel(this.#socket, socket, done);
    if (this.#hasEnded) socket.end();
  }

  #received(bytes: Buffer): void {
    if (this.#phase === 'closing') return;
    this.#pending = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pump();
  }

  /** Works through what has come, in a loop: a client may send a thousand requests in one piece. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#pending !== undefined && this.#step()) {}
    this.#isPumping = false;
    if (this.#pending !== undefined) this.#socket.pause();
    else if (this.#hasEnded && this.#phase === 'head') this.#close();
  }

  /** Takes the pending bytes, or some of them; false: they have to wait. */
  #step(): boolean {
    try {
      if (this.#phase === 'head') return this.#readHead();
      if (this.#phase === 'exchange' && this.#exchange!.wantsRequest) return this.#feed(this.#exchange!);
      if (this.#phase === 'discard') return this.#discard();
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      this.#malformed(error);
    }
    return false;
  }

  #readHead(): boolean {
    if (!this.#reader.isStarted) this.#sinceMs = this.#deps.clock.nowMs();
    const text = this.#reader.push(this.#takePending());
    if (text === undefined) return false;
    const request = parseRequestHead(text.text);
    this.#pending = text.rest;
    this.#begin(request);
    return true;
  }

  #begin(request: RequestHead): void {
    const backend = this.#deps.route(request.host, request.path);
    if (backend === undefined) this.#answerUnrouted(request);
    else this.#exchangeWith(backend, request);
  }

  #exchangeWith(backend: Backend, request: RequestHead): void {
    this.#enter('exchange');
    const exchange = new Exchange(this.#deps.clock, this, backend, request);
    this.#exchange = exchange;
    // What has come of the body goes out with the head, in one write.
    if (this.#pending !== undefined && exchange.wantsRequest) this.#feed(exchange);
    exchange.start();
  }

  #feed(exchange: Exchange): boolean {
    this.#pending = exchange.requestBytes(this.#takePending());
    return true;
  }

  #discard(): boolean {
    this.#pending = this.#discarded!.push(this.#takePending(), []);
    if (this.#discarded!.isDone) this.#enter('head');
    return true;
  }

  #takePending(): Buffer {
    const bytes = this.#pending!;
    this.#pending = undefined;
    return bytes;
  }

  #answerUnrouted(request: RequestHead): void {
    const keepAlive = request.framing.kind === 'none' && request.keepAlive && this.mayKeepAlive;
    const message = `no service here answers to ${request.host}${request.path}`;
    this.#socket.write(renderOwnResponse(404, message, { keepAlive, isHead: request.method === 'HEAD' }));
    this.#next(keepAlive, undefined);
  }

  #malformed(error: BadMessage): void {
    const isAnswered = this.#exchange?.hasAnswered === true;
    this.#exchange?.abort();
    if (isAnswered) this.cut();
    else this.#answerBad(error.status, error.message);
  }

  #answerBad(status: number, message: string): void {
    this.#socket.write(renderOwnResponse(status, message, { keepAlive: false, isHead: false }));
    this.#close();
  }

  /** After a response: the next request, what is left of this one, or the end. */
  #next(keepAlive: boolean, unread: BodyDecoder | undefined): void {
    this.#exchange = undefined;
    if (!keepAlive || !this.mayKeepAlive) {
      this.#close();
      return;
    }
    this.#discarded = unread;
    this.#enter(unread === undefined ? 'head' : 'discard');
    this.#socket.resume();
    this.#pump();
  }

  /** Says goodbye and lets the client close: an early reset could destroy the last response on its way. */
  #close(): void {
    this.#exchange = undefined;
    this.#pending = undefined;
    this.#enter('closing');
    this.#socket.end();
    this.#socket.resume();
    if (this.#hasEnded) this.#socket.destroySoon();
  }

  #ended(): void {
    this.#hasEnded = true;
    if (this.#phase === 'exchange' && !this.#exchange!.wantsRequest) return;
    this.#exchange?.abort();
    this.#exchange = undefined;
    this.#socket.destroySoon();
  }

  #closed(): void {
    this.#exchange?.abort();
    this.#exchange = undefined;
    this.#deps.closed(this);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#sinceMs = this.#deps.clock.nowMs();
  }
}
