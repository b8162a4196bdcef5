/**
 * One request and its response: admitted to a server (or held until there is one), sent, retried where the protocol
 * allows it, relayed, ended. In flight at its server from the moment it is chosen until the instance owes nothing more.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Backend, Waiter } from './backend.ts';
import { renderRequestHead } from './forwarded-head.ts';
import { BadMessage } from './header-fields.ts';
import { RequestBody } from './request-body.ts';
import type { RequestHead } from './request-head.ts';
import { ResponseRelay } from './response-relay.ts';
import type { Piece } from './socket-writes.ts';
import { isInstancesFault, type UpstreamConnection, type UpstreamUser } from './upstream-connection.ts';
import type { UpstreamServer } from './upstream-server.ts';

/** What an exchange needs of its client's connection. */
export interface ExchangeClient {
  readonly address: string;
  /** False once it must be closed after this exchange, whatever the client asked for. */
  readonly mayKeepAlive: boolean;
  write(pieces: readonly Piece[]): boolean;
  pauseReading(): void;
  resumeReading(): void;
  /** The response is complete. */
  done(keepAlive: boolean): void;
  /** There will be no response of an instance: answer in our own words. */
  refuse(status: number, message: string): void;
  /** The response broke off: the client must see that it did. */
  cut(): void;
  /** The protocol was switched: the connection is the exchange's from now on. */
  tunnelTo(upstream: UpstreamConnection, first: Buffer | undefined, done: () => void): void;
}

/** Methods that may be sent a second time when it is not known what became of the first. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const MAX_RESENDS = 2;
/** Refused connections cost nothing, but an end there must be. */
const MAX_REFUSALS = 100;
/** A request that must not be sent twice takes no connection that the instance may just be closing. */
const SAFE_IDLE_MS = 1000;

export class Exchange implements UpstreamUser, Waiter {
  readonly #clock: Clock;
  readonly #client: ExchangeClient;
  readonly #backend: Backend;
  readonly #request: RequestHead;
  readonly #body: RequestBody;
  readonly #startedMs: number;
  #response: ResponseRelay;
  #server: UpstreamServer | undefined;
  #upstream: UpstreamConnection | undefined;
  /** Servers that have failed this request. */
  #tried: Set<UpstreamServer> | undefined;
  #resends = 0;
  #refusals = 0;
  /** When the last of the request went to the instance. */
  #requestSentMs: number | undefined;
  #isBodySent = false;
  #isOver = false;

  constructor(clock: Clock, client: ExchangeClient, backend: Backend, request: RequestHead) {
    this.#clock = clock;
    this.#client = client;
    this.#backend = backend;
    this.#request = request;
    this.#body = new RequestBody(request.framing);
    this.#response = this.#newRelay();
    this.#startedMs = clock.nowMs();
  }

  /** Milliseconds since the epoch from which the instance owes the head of a response; undefined: it owes none. */
  get waitsSinceMs(): number | undefined {
    return this.#response.head === undefined ? this.#requestSentMs : undefined;
  }

  /** Whether the client still has to send some of the request. */
  get wantsRequest(): boolean {
    return !this.#body.isComplete;
  }

  get body(): RequestBody {
    return this.#body;
  }

  get request(): RequestHead {
    return this.#request;
  }

  /** Whether the client has got some of a response. */
  get hasAnswered(): boolean {
    return this.#response.head !== undefined;
  }

  start(): void {
    const server = this.#backend.admit();
    if (server !== undefined) this.#send(server);
    else this.#wait();
  }

  /** More of the request; answers what came after its end. Throws `BadMessage`. */
  requestBytes(bytes: Buffer): Buffer | undefined {
    const rest = this.#body.push(bytes);
    if (this.#upstream?.isConnected) this.#sendBody();
    else if (this.#body.hasEarly) this.#client.pauseReading();
    return rest;
  }

  /** The client has gone, or its request turned out malformed: nobody waits for the response. */
  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#backend.release(this);
    this.#dropUpstream();
  }

  timedOut(): void {
    this.#fail(504, 'took too long to answer');
  }

  admitted(server: UpstreamServer): void {
    this.#send(server);
  }

  expired(): void {
    this.#isOver = true;
    this.#backend.countUnserved();
    this.#client.refuse(503, this.#backend.refusal);
  }

  connected(): void {
    this.#sendHead();
  }

  received(bytes: Buffer): void {
    const pieces: Piece[] = [];
    try {
      this.#response.push(bytes, pieces);
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      this.#fail(502, `gave a malformed answer: ${error.message}`);
      return;
    }
    if (pieces.length > 0 && !this.#client.write(pieces)) this.#upstream?.socket.pause();
    if (this.#response.tunnel !== undefined) this.#switchProtocols(this.#response.tunnel.rest);
    else if (this.#response.isDone) this.#finish();
  }

  ended(): void {
    const pieces: Piece[] = [];
    if (!this.#response.end(pieces)) {
      this.lost(new Error('the instance closed the connection'));
      return;
    }
    if (pieces.length > 0) this.#client.write(pieces);
    this.#finish();
  }

  lost(error: Error): void {
    if (this.#isOver) return;
    if (this.#upstream?.isConnected !== true) this.#connectFailed(error);
    else if (this.#mayResend()) this.#resend();
    else this.#fail(502, 'closed the connection before its answer was complete');
  }

  writable(): void {
    if (!this.#body.isComplete) this.#client.resumeReading();
  }

  /** The client takes more of the response again. */
  clientWritable(): void {
    this.#upstream?.socket.resume();
  }

  #newRelay(): ResponseRelay {
    return new ResponseRelay(this.#request, () => this.#request.keepAlive && this.#client.mayKeepAlive);
  }

  #send(server: UpstreamServer): void {
    this.#server = server;
    const isFreshOnly = this.#resends > 0;
    const maxIdleMs = isFreshOnly ? 0 : this.#isResendable() ? Number.POSITIVE_INFINITY : SAFE_IDLE_MS;
    this.#upstream = server.connection(this, maxIdleMs);
    if (this.#upstream.isConnected) this.#sendHead();
  }

  #sendHead(): void {
    const pieces: Piece[] = [renderRequestHead(this.#request, this.#client.address)];
    if (this.#request.framing.kind !== 'none') {
      this.#isBodySent = this.#body.hasEarly;
      for (const piece of this.#body.takePieces()) pieces.push(piece);
    }
    const takesMore = this.#upstream!.write(pieces);
    if (this.#body.isComplete) this.#requestSentMs = this.#clock.nowMs();
    else if (takesMore) this.#client.resumeReading();
  }

  #sendBody(): void {
    this.#isBodySent = true;
    if (this.#body.isComplete) this.#requestSentMs = this.#clock.nowMs();
    if (!this.#upstream!.write(this.#body.takePieces())) this.#client.pauseReading();
  }

  #wait(): void {
    const untilMs = this.#startedMs + this.#backend.holdMs;
    if (!this.#backend.hold(this, untilMs)) this.expired();
  }

  /** Nothing has been sent: any method may go to another server, or wait for one. */
  #connectFailed(error: Error): void {
    const server = this.#server!;
    this.#dropUpstream();
    if (!isInstancesFault(error)) {
      this.#refuse(503, `${this.#backend.id} cannot be reached: ${error.message}`);
      return;
    }
    server.refused();
    if (++this.#refusals >= MAX_REFUSALS) this.expired();
    else this.start();
  }

  #mayResend(): boolean {
    return this.#resends < MAX_RESENDS && this.#isResendable() && !this.#response.hasBegun;
  }

  #isResendable(): boolean {
    return this.#request.framing.kind === 'none' && !this.#isBodySent && IDEMPOTENT.has(this.#request.method);
  }

  #resend(): void {
    this.#resends++;
    if (!this.#upstream!.isReused) this.#tried = new Set([...(this.#tried ?? []), this.#server!]);
    this.#dropUpstream();
    this.#response = this.#newRelay();
    const server = this.#backend.admit(this.#tried) ?? this.#backend.admit();
    if (server !== undefined) this.#send(server);
    else this.#wait();
  }

  #switchProtocols(first: Buffer | undefined): void {
    this.#isOver = true;
    const server = this.#server!;
    this.#client.tunnelTo(this.#upstream!, first, () => server.end());
  }

  /** The response is whole. An instance that has not taken the whole request loses the connection, not the client. */
  #finish(): void {
    this.#isOver = true;
    const server = this.#server!;
    const { head, keepsUpstream, keepsClient } = this.#response;
    if (head!.status >= 500) server.figures.errors++;
    if (keepsUpstream && this.#body.isComplete) server.giveBack(this.#upstream!, head!.keepAliveMs);
    else this.#upstream!.destroy();
    server.end();
    this.#client.done(keepsClient);
  }

  #fail(status: number, what: string): void {
    if (this.#server !== undefined) this.#server.figures.errors++;
    this.#refuse(status, `an instance of ${this.#backend.id} ${what}`);
  }

  #refuse(status: number, message: string): void {
    const hasBegun = this.#response.head !== undefined;
    this.abort();
    if (hasBegun) this.#client.cut();
    else this.#client.refuse(status, message);
  }

  #dropUpstream(): void {
    this.#upstream?.destroy();
    this.#upstream = undefined;
    this.#requestSentMs = undefined;
    this.#server?.end();
    this.#server = undefined;
  }
}
