/**
 * An instance's response as it comes in: its head (after any interim ones), then its body, in the form that the client
 * gets. Knows no socket: bytes (HTTP/1) or heads and data (HTTP/2) in, pieces for the client out.
 */
import { type BodyDecoder, bodyDecoder } from './body-decoder.ts';
import { HeadReader } from './head-reader.ts';
import { BadMessage, type HeaderField } from './header-fields.ts';
import { withHsts } from './hsts.ts';
import type { RequestHead } from './request-head.ts';
import { parseResponseHead, type ResponseHead } from './response-head.ts';
import type { Piece } from './socket-writes.ts';

/** What a client gets of a response: HTTP/1 in pieces of text and data, HTTP/2 as heads and data. */
export interface ResponseForm {
  interim(head: ResponseHead, into: Piece[]): void;
  begin(head: ResponseHead, cookies: readonly string[], into: Piece[]): void;
  data(data: readonly Buffer[], isLast: boolean, into: Piece[]): void;
  /** What came after the body. */
  trailers(fields: readonly HeaderField[]): void;
  /** Whether the client may send its next request on the same connection. */
  readonly keepsClient: boolean;
}

const NO_COOKIES: readonly string[] = [];

export class ResponseRelay {
  readonly #request: RequestHead;
  readonly #form: ResponseForm;
  readonly #reader = new HeadReader();
  #head: ResponseHead | undefined;
  #decoder: BodyDecoder | undefined;
  #hasBegun = false;
  #hasExtra = false;
  #isEnded = false;
  /** The instance has switched protocols; these bytes came after its head. */
  #tunnel: { readonly rest: Buffer | undefined; readonly protocol: string } | undefined;
  /** Ours: they go out with the head. */
  cookies: readonly string[] = NO_COOKIES;
  /** Ours as well: see `withHsts`. */
  hstsSeconds: number | undefined;

  constructor(request: RequestHead, form: ResponseForm) {
    this.#request = request;
    this.#form = form;
  }

  get head(): ResponseHead | undefined {
    return this.#head;
  }

  /** Whether the instance has said anything at all. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get tunnel(): { readonly rest: Buffer | undefined; readonly protocol: string } | undefined {
    return this.#tunnel;
  }

  get isDone(): boolean {
    return this.#isEnded || this.#decoder?.isDone === true;
  }

  get keepsClient(): boolean {
    return this.#form.keepsClient;
  }

  /** Whether the instance's connection can take another request. */
  get keepsUpstream(): boolean {
    return this.#head?.keepAlive === true && !this.#hasExtra;
  }

  /** Takes bytes of HTTP/1. Throws `BadMessage`. */
  push(bytes: Buffer, into: Piece[]): void {
    this.#hasBegun = true;
    const rest = this.#decoder === undefined ? this.#readHead(bytes, into) : bytes;
    if (this.#decoder !== undefined) this.#relayBody(rest, into);
  }

  /** The instance has closed; says whether the response is whole by that. */
  end(into: Piece[]): boolean {
    if (this.#decoder?.mayEnd !== true || this.#decoder.isDone) return false;
    this.#form.data([], true, into);
    return true;
  }

  /** Takes a head of HTTP/2. */
  begin(head: ResponseHead, into: Piece[]): void {
    this.#hasBegun = true;
    if (head.status < 200) {
      this.#form.interim(head, into);
      return;
    }
    this.#form.begin(withHsts(head, this.hstsSeconds), this.cookies, into);
    this.#head = head;
  }

  /** Takes data of HTTP/2. */
  data(bytes: Buffer, into: Piece[]): void {
    this.#form.data([bytes], false, into);
  }

  /** The response of HTTP/2 is whole. */
  finish(trailers: readonly HeaderField[], into: Piece[]): void {
    this.#isEnded = true;
    this.#form.trailers(trailers);
    this.#form.data([], true, into);
  }

  #readHead(bytes: Buffer, into: Piece[]): Buffer | undefined {
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined) {
      const text = this.#reader.push(rest);
      if (text === undefined) return undefined;
      const head = parseResponseHead(text.text, this.#request.method);
      rest = text.rest;
      if (head.status >= 200) {
        this.#form.begin(withHsts(head, this.hstsSeconds), this.cookies, into);
        this.#head = head;
        this.#decoder = bodyDecoder(head.framing);
        return rest;
      }
      this.#interim(head, into);
      if (head.status !== 101) continue;
      this.#tunnel = { rest, protocol: (head.upgrade ?? '').toLowerCase() };
      return undefined;
    }
    return undefined;
  }

  #interim(head: ResponseHead, into: Piece[]): void {
    if (head.status === 101 && this.#request.upgrade === undefined) {
      throw new BadMessage(502, 'the instance switched protocols without being asked');
    }
    this.#form.interim(head, into);
  }

  #relayBody(bytes: Buffer | undefined, into: Piece[]): void {
    const data: Buffer[] = [];
    const rest = bytes === undefined ? undefined : this.#decoder!.push(bytes, data);
    if (rest !== undefined) this.#hasExtra = true;
    if (bytes !== undefined) this.#form.data(data, this.#decoder!.isDone, into);
  }
}
