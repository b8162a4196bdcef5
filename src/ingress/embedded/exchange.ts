/**
 * One request and its response: admitted to a server (or held until there is one), sent, retried where the protocol
 * allows it, relayed, ended. In flight at its server from the moment it is chosen until the instance owes nothing more.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Backend, Waiter } from './backend.ts';
import { setCookie } from './cookies.ts';
import type { ExchangeClient } from './exchange-client.ts';
import { countLatency } from './figures.ts';
import type { OwnFields } from './forwarded-head.ts';
import { BadMessage, type HeaderField } from './header-fields.ts';
import { type PasswordGate, TOO_MANY_PASSWORDS, UNKNOWN_USER } from './password-gate.ts';
import type { RequestBody } from './request-body.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import { ResponseRelay } from './response-relay.ts';
import type { Piece } from './socket-writes.ts';
import { Stillness } from './stillness.ts';
import { type RequestUser, Unprocessed, type Upstream } from './upstream.ts';
import { isInstancesFault, UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamServer } from './upstream-server.ts';
import type { Wish } from './wish.ts';

/** Methods that may be sent a second time when it is not known what became of the first. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const MAX_RESENDS = 2;
/** Refused connections cost nothing, but an end there must be. */
const MAX_REFUSALS = 100;
/** A request that must not be sent twice takes no connection that the instance may just be closing. */
const SAFE_IDLE_MS = 1000;

export class Exchange implements RequestUser, Waiter {
  readonly #clock: Clock;
  readonly #client: ExchangeClient;
  readonly #backend: Backend;
  readonly #request: RequestHead;
  readonly #body: RequestBody;
  readonly #startedMs: number;
  #response: ResponseRelay;
  #server: UpstreamServer | undefined;
  #upstream: Upstream | undefined;
  readonly wish: Wish | undefined;
  /** Servers that have failed this request. */
  #tried: Set<UpstreamServer> | undefined;
  #resends = 0;
  #refusals = 0;
  /** When the last of the request went to the instance. */
  #requestSentMs: number | undefined;
  #isBodySent = false;
  /** Of the request's body, as they came. */
  #bodyBytes = 0;
  #isTimed = false;
  #isOver = false;
  readonly #stillness = new Stillness();

  constructor(clock: Clock, client: ExchangeClient, backend: Backend, request: RequestHead, body: RequestBody) {
    this.#clock = clock;
    this.#client = client;
    this.#backend = backend;
    this.#request = request;
    this.#body = body;
    this.#response = this.#newRelay();
    this.wish = backend.wishOf(request.fields);
    this.#startedMs = clock.nowMs();
  }

  get source(): string {
    return this.#client.origin.client.address;
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
    const server = this.#backend.admit(undefined, this.wish, this.source);
    if (server !== undefined) this.#send(server);
    else this.#wait();
  }

  /** Only for those who know a password. */
  startBehind(gate: PasswordGate): void {
    gate.ask(this.#request.fields, (verdict) => {
      if (this.#isOver) return;
      if (verdict === 'right') this.start();
      else if (verdict === 'busy') this.#refuse(503, TOO_MANY_PASSWORDS);
      else this.#refuse(401, UNKNOWN_USER, { 'WWW-Authenticate': gate.challenge });
    });
  }

  /** Called a few times a second: whether somebody takes too long. `bodyMs`: for the next piece of the request. */
  sweep(nowMs: number, bodyMs: number): void {
    const stillMs = this.#stillness.look(nowMs);
    if (this.#isOver || this.#server === undefined) return;
    const { requestTimeoutMs, idleTimeoutMs } = this.#backend;
    if (this.#server.isOverdue(nowMs)) this.#leaveInstance();
    else if (this.hasAnswered) {
      if (stillMs > idleTimeoutMs) this.#fail(504, 'went silent in the middle of its answer');
    } else if (this.#requestSentMs !== undefined) {
      if (nowMs - this.#requestSentMs > requestTimeoutMs) this.#fail(504, 'took too long to answer');
    } else if (stillMs > Math.min(bodyMs, idleTimeoutMs)) this.#refuse(408, 'the rest of the request did not come');
  }

  /** More of the request; answers what came after its end. Throws `BadMessage`. */
  requestBytes(bytes: Buffer): Buffer | undefined {
    this.#stillness.moved++;
    const rest = this.#body.push(bytes);
    this.#bodyBytes += bytes.length - (rest?.length ?? 0);
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

  admitted(server: UpstreamServer): void {
    this.#send(server);
  }

  expired(): void {
    this.#giveUp(this.#backend.refusal);
  }

  connected(): void {
    this.#sendHead();
  }

  received(bytes: Buffer): void {
    this.#server!.figures.bytesOut += bytes.length;
    if (!this.#relayBytes(bytes)) return;
    if (!this.#isTimed) this.#answerBegan();
    if (this.#response.tunnel !== undefined) this.#switchProtocols(this.#response.tunnel);
    else if (this.#response.isDone) this.#finish();
  }

  headed(head: ResponseHead): void {
    this.#relay((into) => this.#response.begin(head, into));
    this.#answerBegan();
  }

  data(bytes: Buffer): void {
    this.#server!.figures.bytesOut += bytes.length;
    this.#relay((into) => this.#response.data(bytes, into));
  }

  finished(trailers: readonly HeaderField[]): void {
    if (this.#relay((into) => this.#response.finish(trailers, into))) this.#finish();
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
    else if (this.#mayResend(error)) this.#resend();
    else this.#fail(502, 'closed the connection before its answer was complete');
  }

  writable(): void {
    if (!this.#body.isComplete) this.#client.resumeReading();
  }

  /** The client takes more of the response again. */
  clientWritable(): void {
    this.#upstream?.resume();
  }

  #newRelay(): ResponseRelay {
    return new ResponseRelay(this.#request, this.#client.form(this.#request));
  }

  #send(server: UpstreamServer): void {
    this.#server = server;
    if (this.wish !== undefined) this.#response.cookies = this.#cookiesFor(server, this.wish);
    if (this.#isSecure) this.#response.hstsSeconds = this.#backend.hstsSeconds;
    const isFreshOnly = this.#resends > 0;
    const maxIdleMs = isFreshOnly ? 0 : this.#isResendable() ? Number.POSITIVE_INFINITY : SAFE_IDLE_MS;
    this.#upstream = server.upstream(this, maxIdleMs, this.#client.origin);
    if (this.#upstream.isConnected) this.#sendHead();
  }

  /** The lines that bind the client to the instance, and to its version; none where it has come to the right one. */
  #cookiesFor(server: UpstreamServer, wish: Wish): string[] {
    const { stickyCookie, trialCookie } = this.#backend;
    const mark = this.#backend.markFor(server, wish);
    const isNew = stickyCookie !== undefined && server.stickyValue !== wish.instance;
    return [
      ...(isNew ? [setCookie(stickyCookie, server.stickyValue, this.#isSecure)] : []),
      ...(mark === undefined ? [] : [setCookie(trialCookie!, mark, this.#isSecure)]),
    ];
  }

  get #isSecure(): boolean {
    return this.#client.origin.scheme === 'https';
  }

  #sendHead(): void {
    this.#stillness.moved++;
    const { hasEarly } = this.#body;
    let takesMore: boolean;
    try {
      takesMore = this.#upstream!.sendRequest(this.#request, this.#client.origin, this.#body);
    } catch (error) {
      if (!(error instanceof Unprocessed)) throw error;
      this.lost(error);
      return;
    }
    this.#isBodySent = hasEarly;
    if (this.#body.isComplete) this.#requestSentMs = this.#clock.nowMs();
    else if (takesMore) this.#client.resumeReading();
  }

  #sendBody(): void {
    this.#isBodySent = true;
    if (this.#body.isComplete) this.#requestSentMs = this.#clock.nowMs();
    if (!this.#upstream!.sendBody(this.#body)) this.#client.pauseReading();
  }

  /** As `#relay`: the way of nearly every byte. */
  #relayBytes(bytes: Buffer): boolean {
    this.#stillness.moved++;
    const pieces: Piece[] = [];
    try {
      this.#response.push(bytes, pieces);
    } catch (error) {
      return this.#malformed(error);
    }
    if (pieces.length > 0 && !this.#client.write(pieces)) this.#upstream?.pause();
    return true;
  }

  /** Passes on to the client what came of the instance; false: it made no sense, and the request has failed. */
  #relay(take: (into: Piece[]) => void): boolean {
    this.#stillness.moved++;
    const pieces: Piece[] = [];
    try {
      take(pieces);
    } catch (error) {
      return this.#malformed(error);
    }
    if (pieces.length > 0 && !this.#client.write(pieces)) this.#upstream?.pause();
    return true;
  }

  #malformed(error: unknown): false {
    if (!(error instanceof BadMessage)) throw error;
    this.#fail(502, `gave a malformed answer: ${error.message}`);
    return false;
  }

  /** Interim answers are none yet. */
  #answerBegan(): void {
    if (this.#response.head !== undefined || this.#response.tunnel !== undefined) this.#time(this.#server!);
  }

  /** How long the instance took; once a request. */
  #time({ figures }: UpstreamServer): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    countLatency(figures, this.#clock.nowMs() - (this.#requestSentMs ?? this.#startedMs));
  }

  #wait(): void {
    const untilMs = this.#startedMs + this.#backend.holdMs;
    const held = this.#backend.hold(this, untilMs);
    if (held === 'full') this.#giveUp(`too many requests wait for an instance of ${this.#backend.id} already`);
    else if (held === 'late') this.expired();
  }

  #giveUp(sentence: string): void {
    this.#isOver = true;
    this.#backend.countUnserved();
    this.#client.refuse(503, sentence);
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

  /** What an instance has not looked at may go elsewhere whatever its method, as long as all of it is still here. */
  #mayResend(error: Error): boolean {
    if (this.#resends >= MAX_RESENDS || this.#response.hasBegun || this.#isBodySent) return false;
    return this.#isResendable() || error instanceof Unprocessed;
  }

  #isResendable(): boolean {
    return this.#request.framing.kind === 'none' && !this.#isBodySent && IDEMPOTENT.has(this.#request.method);
  }

  #resend(): void {
    this.#resends++;
    if (!this.#upstream!.isReused) this.#tried = new Set([...(this.#tried ?? []), this.#server!]);
    this.#dropUpstream();
    this.#response = this.#newRelay();
    const { wish, source } = this;
    const server = this.#backend.admit(this.#tried, wish, source) ?? this.#backend.admit(undefined, wish, source);
    if (server !== undefined) this.#send(server);
    else this.#wait();
  }

  #switchProtocols({ rest: first, protocol }: { readonly rest: Buffer | undefined; readonly protocol: string }): void {
    this.#isOver = true;
    const server = this.#server!;
    this.#countRequest(server);
    const idleMs = this.#backend.idleTimeoutMs;
    this.#client.tunnelTo(this.#upstream as UpstreamConnection, { server, idleMs, protocol, first });
  }

  /** The response is whole. An instance that has not taken the whole request loses the connection, not the client. */
  #finish(): void {
    this.#isOver = true;
    const server = this.#server!;
    const upstream = this.#upstream!;
    const { head, keepsUpstream, keepsClient } = this.#response;
    if (head!.status >= 500) server.figures.errors++;
    this.#countRequest(server);
    if (!(upstream instanceof UpstreamConnection)) upstream.destroy();
    else if (keepsUpstream && this.#body.isComplete) server.giveBack(upstream, head!.keepAliveMs);
    else upstream.destroy();
    server.end();
    this.#client.done(keepsClient);
  }

  /** Its instance is to stop, and its time is up. What can be told where it ends is ended; the rest is seen to break off. */
  #leaveInstance(): void {
    const isEventStream = /^text\/event-stream\b/i.test(fieldOf(this.#response.head, 'content-type') ?? '');
    if (!isEventStream) {
      this.#refuse(503, `the instance of ${this.#backend.id} that had this request has to stop: send it again`);
      return;
    }
    const pieces: Piece[] = [];
    this.#response.finish([], pieces);
    if (pieces.length > 0) this.#client.write(pieces);
    this.abort();
    this.#client.finishEarly();
  }

  #fail(status: number, what: string): void {
    if (this.#server !== undefined) {
      this.#server.figures.errors++;
      this.#time(this.#server);
    }
    this.#refuse(status, `an instance of ${this.#backend.id} ${what}`);
  }

  #refuse(status: number, message: string, fields?: OwnFields): void {
    const hasBegun = this.#response.head !== undefined;
    this.abort();
    if (hasBegun) this.#client.cut();
    else this.#client.refuse(status, message, fields);
  }

  #countRequest({ figures }: UpstreamServer): void {
    figures.bytesIn += this.#request.size + this.#bodyBytes;
  }

  #dropUpstream(): void {
    this.#upstream?.destroy();
    this.#upstream = undefined;
    this.#requestSentMs = undefined;
    if (this.#server !== undefined) this.#countRequest(this.#server);
    this.#server?.end();
    this.#server = undefined;
  }
}

const fieldOf = (head: ResponseHead | undefined, name: string): string | undefined =>
  head?.fields.find(({ lower }) => lower === name)?.value;
