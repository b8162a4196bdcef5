/** One request of a client that speaks HTTP/2: what its exchange needs of it, and the response in its form. */
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Backend } from './backend.ts';
import { ToldDecoder } from './body-decoder.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeClient } from './exchange-client.ts';
import { type OwnFields, responsePairs } from './forwarded-head.ts';
import { BadMessage, type HeaderField } from './header-fields.ts';
import { headersOf } from './http2-headers.ts';
import { fieldsOfTrailers } from './http2-request-head.ts';
import type { Origin } from './origin.ts';
import type { PasswordGate } from './password-gate.ts';
import { RequestBody } from './request-body.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { ResponseForm } from './response-relay.ts';
import type { Piece } from './socket-writes.ts';

const { NGHTTP2_NO_ERROR } = constants;

const NOTHING = Buffer.alloc(0);

export class Http2ClientStream implements ExchangeClient, ResponseForm {
  readonly origin: Origin;
  readonly keepsClient = true;
  readonly #stream: ServerHttp2Stream;
  readonly #decoder = new ToldDecoder();
  #exchange: Exchange | undefined;
  #trailers: readonly HeaderField[] = [];

  constructor(stream: ServerHttp2Stream, origin: Origin) {
    this.#stream = stream;
    this.origin = origin;
    // A stream that the client resets is closed without an error; what else is wrong with it, "close" tells as well.
    stream.on('error', () => {});
    stream.on('close', () => this.#end());
  }

  /** Sends it on to an instance. Throws `BadMessage`. */
  start(clock: Clock, backend: Backend, head: RequestHead, gate?: PasswordGate): void {
    const body = new RequestBody(head.framing, this.#decoder);
    if (head.framing.kind === 'none') this.#decoder.isDone = true;
    const exchange = new Exchange(clock, this, backend, head, body);
    this.#exchange = exchange;
    const stream = this.#stream;
    stream.on('trailers', (headers: IncomingHttpHeaders) => {
      body.trailers = fieldsOfTrailers(headers);
    });
    stream.on('data', (bytes: Buffer) => {
      if (this.#exchange === exchange) exchange.requestBytes(bytes);
    });
    stream.on('end', () => this.#requestEnded(exchange));
    stream.on('drain', () => exchange.clientWritable());
    if (gate === undefined) exchange.start();
    else exchange.startBehind(gate);
  }

  sweep(nowMs: number): void {
    this.#exchange?.sweep(nowMs, Number.POSITIVE_INFINITY);
  }

  /** An answer of our own: one line of text. */
  answer(status: number, message: string, more: OwnFields = {}): void {
    if (this.#stream.destroyed || this.#stream.headersSent) return;
    const body = `${message}\n`;
    const length = { 'content-length': Buffer.byteLength(body) };
    const retry = status === 503 && { 'retry-after': '1' };
    this.#stream.respond({
      ':status': status,
      'content-type': 'text/plain; charset=utf-8',
      ...length,
      ...retry,
      ...more,
    });
    this.#stream.end(body);
    this.#refuseRest();
  }

  form(): ResponseForm {
    return this;
  }

  interim(head: ResponseHead): void {
    if (head.status !== 101 && !this.#stream.destroyed) {
      this.#stream.additionalHeaders({ ...headersOf(responsePairs(head)), ':status': head.status });
    }
  }

  begin(head: ResponseHead, cookies: readonly string[]): void {
    if (this.#stream.destroyed) return;
    const own = cookies.map((cookie): [string, string] => ['set-cookie', cookie]);
    const headers = { ...headersOf([...responsePairs(head), ...own]), ':status': head.status };
    const hasBody = head.framing.kind !== 'none';
    try {
      this.#stream.respond(headers, { endStream: !hasBody, waitForTrailers: hasBody });
    } catch (error) {
      throw new BadMessage(502, messageOf(error));
    }
    if (hasBody) this.#stream.on('wantTrailers', () => this.#sendTrailers());
  }

  data(data: readonly Buffer[], _: boolean, into: Piece[]): void {
    for (const piece of data) into.push(piece);
  }

  trailers(fields: readonly HeaderField[]): void {
    this.#trailers = fields;
  }

  write(pieces: readonly Piece[]): boolean {
    if (this.#stream.destroyed || this.#stream.writableEnded) return true;
    for (const piece of pieces) this.#stream.write(piece, 'latin1');
    return !this.#stream.writableNeedDrain;
  }

  pauseReading(): void {
    this.#stream.pause();
  }

  resumeReading(): void {
    this.#stream.resume();
  }

  done(): void {
    this.#exchange = undefined;
    if (!this.#stream.writableEnded) this.#stream.end();
    this.#refuseRest();
  }

  refuse(status: number, message: string, fields: OwnFields = {}): void {
    this.#exchange = undefined;
    this.answer(status, message, fields);
  }

  finishEarly(): void {
    this.done();
  }

  cut(): void {
    this.#exchange = undefined;
    // `close` would end the stream first, as if its answer were whole.
    this.#stream.destroy(new Error('the answer broke off'));
  }

  /** No stream offers to switch protocols. */
  tunnelTo(): void {
    this.cut();
  }

  #requestEnded(exchange: Exchange): void {
    if (this.#decoder.isDone || this.#exchange !== exchange) return;
    // One that the client has reset ends as well: its body must not look whole to the instance.
    if (this.#stream.closed || this.#stream.destroyed) return;
    this.#decoder.isDone = true;
    exchange.requestBytes(NOTHING);
  }

  /** The answer is there and nobody reads the rest of the request: the client need not send it. */
  #refuseRest(): void {
    const stream = this.#stream;
    if (stream.readableEnded || this.#decoder.isDone) return;
    stream.resume();
    stream.once('finish', () => {
      if (!stream.closed) stream.close(NGHTTP2_NO_ERROR);
    });
  }

  #sendTrailers(): void {
    if (!this.#stream.destroyed) {
      this.#stream.sendTrailers(headersOf(this.#trailers.map(({ lower, value }) => [lower, value])));
    }
  }

  #end(): void {
    this.#exchange?.abort();
    this.#exchange = undefined;
  }
}
