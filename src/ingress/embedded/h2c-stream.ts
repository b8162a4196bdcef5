/** One request to an instance that speaks HTTP/2, as an exchange sees its way there: heads and data both ways, and trailers. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { requestPairs } from './forwarded-head.ts';
import { CHUNKED, type Framing, type HeaderField, NO_BODY } from './header-fields.ts';
import { headersOf } from './http2-headers.ts';
import type { Origin } from './origin.ts';
import type { RequestBody } from './request-body.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import { type RequestUser, Unprocessed, type Upstream } from './upstream.ts';

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

export class H2cStream implements Upstream {
  readonly #session: ClientHttp2Session;
  readonly #released: () => void;
  readonly isReused: boolean;
  #user: RequestUser | undefined;
  #stream: ClientHttp2Stream | undefined;
  #trailers: readonly HeaderField[] = [];
  /** Bytes of the answer that are still to come, where it says so. */
  #left: number | undefined;
  #isReleased = false;
  #isConnected: boolean;

  /** `released` is called once, when the session has room again. */
  constructor(session: ClientHttp2Session, user: RequestUser, released: () => void) {
    this.#session = session;
    this.#user = user;
    this.#released = released;
    this.isReused = !session.connecting;
    this.#isConnected = this.isReused;
    session.once('close', this.#sessionClosed);
    session.once('error', this.#lose);
    if (session.connecting) session.once('connect', this.#connected);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  sendRequest(head: RequestHead, origin: Origin, body: RequestBody): boolean {
    const hasBody = head.framing.kind !== 'none';
    try {
      this.#stream = this.#session.request(requestHeaders(head, origin), {
        endStream: !hasBody,
        waitForTrailers: hasBody,
      });
    } catch (error) {
      // The session is going away; it was told so between being chosen and now.
      throw new Unprocessed('the connection takes no more requests', { cause: error });
    }
    this.#listen(this.#stream, head.method, body);
    return hasBody ? this.sendBody(body) : true;
  }

  sendBody(body: RequestBody): boolean {
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed || stream.writableEnded) return true;
    for (const bytes of body.takeData()) stream.write(bytes);
    if (body.isComplete) stream.end();
    return !stream.writableNeedDrain;
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  destroy(): void {
    this.#user = undefined;
    const stream = this.#stream;
    if (stream === undefined) this.#release();
    // `close` would end the stream first, as if the request were whole.
    else if (!stream.writableEnded) stream.destroy(new Error('the request was given up'));
    else if (!stream.closed && !stream.readableEnded) stream.close(NGHTTP2_CANCEL);
  }

  #listen(stream: ClientHttp2Stream, method: string, body: RequestBody): void {
    stream.on('headers', (headers) => this.#user?.headed(responseHead(headers, 'HEAD', true)));
    stream.on('response', (headers, flags) => {
      const isEnd = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      const head = responseHead(headers, method, isEnd);
      this.#left = head.framing.kind === 'length' ? head.framing.length : undefined;
      this.#user?.headed(head);
    });
    stream.on('trailers', (headers) => {
      this.#trailers = fieldsFrom(headers);
    });
    stream.on('data', (bytes: Buffer) => {
      if (this.#left !== undefined) this.#left -= bytes.length;
      this.#user?.data(bytes);
    });
    stream.on('drain', () => this.#user?.writable());
    stream.on('wantTrailers', () => stream.sendTrailers(headersOf(pairsOf(body.trailers))));
    stream.on('end', () => this.#ended(stream));
    stream.on('error', this.#lose);
    stream.on('close', () => this.#closed(stream));
  }

  readonly #connected = (): void => {
    this.#isConnected = true;
    this.#user?.connected();
  };

  readonly #sessionClosed = (): void => this.#lose(new Error('the connection was closed'));

  readonly #lose = (error: Error): void => {
    const user = this.#user;
    this.#user = undefined;
    this.#release();
    const isRefused = this.#stream?.rstCode === NGHTTP2_REFUSED_STREAM;
    user?.lost(isRefused ? new Unprocessed('the instance refused the request', { cause: error }) : error);
  };

  /** The last byte has come; a stream that was reset ends as well, but says so by its code. */
  #ended(stream: ClientHttp2Stream): void {
    if (stream.rstCode !== NGHTTP2_NO_ERROR || (this.#left ?? 0) !== 0) return;
    const user = this.#user;
    this.#user = undefined;
    user?.finished(this.#trailers);
  }

  #closed(stream: ClientHttp2Stream): void {
    if (stream.rstCode === NGHTTP2_NO_ERROR && this.#user !== undefined && stream.readableEnded) this.#ended(stream);
    this.#lose(new Error('the instance closed the stream'));
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#session.removeListener('close', this.#sessionClosed);
    this.#session.removeListener('error', this.#lose);
    this.#session.removeListener('connect', this.#connected);
    this.#released();
  }
}

function requestHeaders(head: RequestHead, origin: Origin): OutgoingHttpHeaders {
  const pairs = requestPairs(head, origin);
  const wantsTrailers = head.fields.some(({ lower, value }) => lower === 'te' && /\btrailers\b/i.test(value));
  return {
    ':method': head.method,
    ':scheme': origin.scheme,
    ':authority': head.host,
    ':path': head.target,
    ...headersOf(pairs),
    ...(wantsTrailers && { te: 'trailers' }),
  };
}

function responseHead(headers: IncomingHttpHeaders, method: string, isEnd: boolean): ResponseHead {
  const status = Number((headers as Record<string, unknown>)[':status']);
  const fields = fieldsFrom(headers);
  return {
    status,
    reason: '',
    minor: 1,
    fields,
    connection: [],
    framing: framingOf(fields, status, method, isEnd),
    keepAlive: true,
    keepAliveMs: undefined,
    upgrade: undefined,
  };
}

function framingOf(fields: readonly HeaderField[], status: number, method: string, isEnd: boolean): Framing {
  if (isEnd || method === 'HEAD' || status === 204 || status === 304) return NO_BODY;
  const length = fields.find(({ lower }) => lower === 'content-length')?.value;
  return length === undefined ? CHUNKED : { kind: 'length', length: Number(length) };
}

function fieldsFrom(headers: IncomingHttpHeaders): HeaderField[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (name.startsWith(':') || value === undefined) return [];
    return [value].flat().map((each) => ({ name, lower: name, value: each }));
  });
}

const pairsOf = (fields: readonly HeaderField[]): [string, string][] =>
  fields.map(({ lower, value }) => [lower, value]);
