/**
 * One connection of a client: requests one after the other, each answered before the next is read, for as long as the
 * connection lasts. It does not belong to any server: instances come and go while it stays.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { FORBIDDEN } from './admission.ts';
import { Backend } from './backend.ts';
import type { BodyDecoder } from './body-decoder.ts';
import type { ConnectionDeps } from './connection-deps.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeClient, Switched } from './exchange-client.ts';
import { type OwnFields, renderOwnResponse } from './forwarded-head.ts';
import { HeadReader } from './head-reader.ts';
import { BadMessage } from './header-fields.ts';
import { Http1Form } from './http1-form.ts';
import { HTTP2_PREFACE, Http2Connection } from './http2-connection.ts';
import type { OpenConnection } from './listener.ts';
import type { Origin } from './origin.ts';
import type { PasswordGate } from './password-gate.ts';
import { locationOf, RedirectTarget } from './redirect.ts';
import { RequestBody } from './request-body.ts';
import { parseRequestHead, type RequestHead } from './request-head.ts';
import type { ResponseForm } from './response-relay.ts';
import { type Piece, writePieces } from './socket-writes.ts';
import { Tunnel } from './tunnel.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/**
 * head ─▶ exchange ─▶ (discard: the rest of a request that was answered early) ─▶ head …
 * Any of them ─▶ closing: nothing is read any more; tunnel: the bytes are another protocol's.
 */
type Phase = 'head' | 'exchange' | 'discard' | 'closing' | 'tunnel';

export class ClientConnection implements ExchangeClient, OpenConnection {
  readonly origin: Origin;
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  readonly #closedHook: () => void;
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
  /** Its first bytes may be those of HTTP/2. With TLS the handshake has settled that. */
  #isFirst: boolean;
  /** It turned out to speak HTTP/2. */
  #http2: Http2Connection | undefined;
  #tunnel: Tunnel | undefined;

  constructor(socket: Socket, deps: ConnectionDeps, closed: () => void) {
    this.#socket = socket;
    this.#deps = deps;
    this.#closedHook = closed;
    this.origin = deps.origin;
    this.#isFirst = !(socket instanceof TLSSocket);
    this.#sinceMs = deps.clock.nowMs();
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('end', () => this.#ended());
    socket.on('drain', () => this.#exchange?.clientWritable());
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
    // What was read of it before lies in wait.
    if (socket.isPaused()) socket.resume();
  }

  get mayKeepAlive(): boolean {
    return !this.#isLast && (!this.#hasEnded || this.#pending !== undefined);
  }

  /** No further request after the present one; closes at once when there is none. */
  closeWhenIdle(): void {
    this.#isLast = true;
    this.#http2?.closeWhenIdle();
    if (this.#phase === 'head' && !this.#reader.isStarted) this.#close();
  }

  destroy(): void {
    this.#http2?.destroy();
    this.#socket.destroy();
  }

  form(request: RequestHead): ResponseForm {
    return new Http1Form(request, this);
  }

  /** Called a few times a second. */
  sweep(nowMs: number): void {
    const { timeouts } = this.#deps;
    const phaseMs = nowMs - this.#sinceMs;
    if (this.#phase === 'tunnel') {
      this.#tunnel?.sweep(nowMs);
      this.#http2?.sweep(nowMs);
    } else if (this.#phase === 'closing' || this.#phase === 'discard') {
      if (phaseMs > timeouts.lingerMs) this.destroy();
    } else if (this.#phase === 'head') {
      if (this.#reader.isStarted && phaseMs > timeouts.headMs) this.#answerBad(408, 'the request did not come');
      else if (!this.#reader.isStarted && phaseMs > timeouts.idleMs) this.#close();
    } else this.#exchange?.sweep(nowMs, this.#socket.isPaused() ? Number.POSITIVE_INFINITY : timeouts.headMs);
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

  refuse(status: number, message: string, fields: OwnFields = {}): void {
    const exchange = this.#exchange!;
    const keepAlive = !exchange.wantsRequest && exchange.request.keepAlive && this.mayKeepAlive;
    const isHead = exchange.request.method === 'HEAD';
    this.#socket.write(renderOwnResponse(status, message, { keepAlive, isHead, fields }));
    this.#next(keepAlive, exchange.wantsRequest ? exchange.body.decoder : undefined);
  }

  finishEarly(): void {
    this.#close();
  }

  cut(): void {
    this.#exchange = undefined;
    // With TLS an end without its goodbye says the same as a reset.
    if (this.#socket instanceof TLSSocket) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  tunnelTo(upstream: UpstreamConnection, { server, idleMs, protocol, first }: Switched): void {
    this.#enter('tunnel');
    this.#exchange = undefined;
    const socket = upstream.detach();
    this.#letGo();
    const isWebSocket = protocol === 'websocket';
    const tunnel = new Tunnel(this.#socket, socket, { clock: this.#deps.clock, server, idleMs, isWebSocket });
    this.#tunnel = tunnel;
    tunnel.begin(first, this.#pending);
    this.#pending = undefined;
    if (this.#hasEnded) socket.end();
  }

  #letGo(): void {
    for (const event of ['data', 'end', 'drain']) this.#socket.removeAllListeners(event);
  }

  #received(bytes: Buffer): void {
    if (this.#phase === 'closing') return;
    this.#pending = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes]);
    if (this.#isFirst && this.#isHttp2(this.#pending)) return;
    this.#pump();
  }

  /** Whether it begins as HTTP/2 does, which then takes over; or may still turn out to. */
  #isHttp2(bytes: Buffer): boolean {
    const length = Math.min(bytes.length, HTTP2_PREFACE.length);
    const isAlike = bytes[0] === HTTP2_PREFACE[0] && bytes.compare(HTTP2_PREFACE, 0, length, 0, length) === 0;
    this.#isFirst = isAlike && length < HTTP2_PREFACE.length;
    if (!isAlike || this.#isFirst) return isAlike;
    this.#enter('tunnel');
    this.#letGo();
    this.#socket.pause();
    this.#socket.unshift(bytes);
    this.#pending = undefined;
    this.#http2 = new Http2Connection(this.#socket, this.#deps, () => {});
    if (this.#isLast) this.#http2.closeWhenIdle();
    return true;
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
    const target = this.#deps.route(request.host, request.path);
    if (target === undefined) {
      this.#answerUnsent(request, 404, `no service here answers to ${request.host}${request.path}`);
    } else if (target === FORBIDDEN) {
      this.#answerUnsent(request, 403, `${this.#deps.origin.client.address} may not come in here`);
    } else if (target instanceof RedirectTarget) {
      const Location = locationOf(target, request);
      this.#answerUnsent(request, 308, `this is at ${Location}`, { Location });
    } else if (target instanceof Backend) this.#exchangeWith(target, request);
    else this.#exchangeWith(target.backend, request, target.gate);
  }

  #exchangeWith(backend: Backend, request: RequestHead, gate?: PasswordGate): void {
    this.#enter('exchange');
    const body = new RequestBody(request.framing);
    const exchange = new Exchange(this.#deps.clock, this, backend, request, body);
    this.#exchange = exchange;
    // What has come of the body goes out with the head, in one write.
    if (this.#pending !== undefined && exchange.wantsRequest) this.#feed(exchange);
    if (gate === undefined) exchange.start();
    else exchange.startBehind(gate);
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

  /** In our own words, without an instance. */
  #answerUnsent(request: RequestHead, status: number, message: string, fields: OwnFields = {}): void {
    const keepAlive = request.framing.kind === 'none' && request.keepAlive && this.mayKeepAlive;
    const isHead = request.method === 'HEAD';
    this.#socket.write(renderOwnResponse(status, message, { keepAlive, isHead, fields }));
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
    this.#closedHook();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#sinceMs = this.#deps.clock.nowMs();
  }
}
