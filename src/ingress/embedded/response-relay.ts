/**
 * An instance's response as it comes in: its head (after any interim ones), then its body in the framing that the
 * client gets. Knows no socket: bytes in, pieces for the client out.
 */
import { type BodyDecoder, bodyDecoder } from './body-decoder.ts';
import { type ResponseBodyMode, renderInterimHead, renderResponseHead } from './forwarded-head.ts';
import { HeadReader } from './head-reader.ts';
import { BadMessage } from './header-fields.ts';
import type { RequestHead } from './request-head.ts';
import { parseResponseHead, type ResponseHead } from './response-head.ts';
import { chunkPieces, type Piece } from './socket-writes.ts';

export class ResponseRelay {
  readonly #request: RequestHead;
  /** Whether the client's connection may be kept when this response is the next thing on it. */
  readonly #mayKeepAlive: () => boolean;
  readonly #reader = new HeadReader();
  #head: ResponseHead | undefined;
  #decoder: BodyDecoder | undefined;
  #bodyMode: ResponseBodyMode = 'as-is';
  #hasBegun = false;
  #hasContinued = false;
  #hasExtra = false;
  #keepsClient = false;
  /** The instance has switched protocols; these bytes came after its head. */
  #tunnel: { readonly rest: Buffer | undefined } | undefined;

  constructor(request: RequestHead, mayKeepAlive: () => boolean) {
    this.#request = request;
    this.#mayKeepAlive = mayKeepAlive;
  }

  get head(): ResponseHead | undefined {
    return this.#head;
  }

  /** Whether the instance has said anything at all. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get tunnel(): { readonly rest: Buffer | undefined } | undefined {
    return this.#tunnel;
  }

  get isDone(): boolean {
    return this.#decoder?.isDone === true;
  }

  /** Whether the client may send its next request on the same connection. */
  get keepsClient(): boolean {
    return this.#keepsClient;
  }

  /** Whether the instance's connection can take another request. */
  get keepsUpstream(): boolean {
    return this.#head?.keepAlive === true && !this.#hasExtra;
  }

  /** Throws `BadMessage`. */
  push(bytes: Buffer, into: Piece[]): void {
    this.#hasBegun = true;
    const rest = this.#decoder === undefined ? this.#readHead(bytes, into) : bytes;
    if (this.#decoder !== undefined) this.#relayBody(rest, into);
  }

  /** The instance has closed; says whether the response is whole by that. */
  end(into: Piece[]): boolean {
    if (this.#decoder?.mayEnd !== true || this.#decoder.isDone) return false;
    if (this.#bodyMode === 'chunked') chunkPieces([], true, into);
    return true;
  }

  #readHead(bytes: Buffer, into: Piece[]): Buffer | undefined {
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined) {
      const text = this.#reader.push(rest);
      if (text === undefined) return undefined;
      const head = parseResponseHead(text.text, this.#request.method);
      rest = text.rest;
      if (head.status >= 200) {
        this.#begin(head, into);
        return rest;
      }
      this.#interim(head, into);
      if (head.status !== 101) continue;
      this.#tunnel = { rest };
      return undefined;
    }
    return undefined;
  }

  #interim(head: ResponseHead, into: Piece[]): void {
    if (head.status === 101 && this.#request.upgrade === undefined) {
      throw new BadMessage(502, 'the instance switched protocols without being asked');
    }
    if (head.status === 100) this.#hasContinued = true;
    if (this.#request.minor === 1) into.push(renderInterimHead(head));
  }

  #begin(head: ResponseHead, into: Piece[]): void {
    this.#head = head;
    this.#decoder = bodyDecoder(head.framing);
    this.#bodyMode = this.#modeOf(head);
    // Without "100 Continue" nobody knows whether the body still comes: the connection cannot be used again.
    const bodyInDoubt = this.#request.expectsContinue && !this.#hasContinued;
    this.#keepsClient = this.#bodyMode !== 'close' && !bodyInDoubt && this.#mayKeepAlive();
    const hop = { clientMinor: this.#request.minor, bodyMode: this.#bodyMode, keepAlive: this.#keepsClient };
    into.push(renderResponseHead(head, hop));
  }

  #modeOf(head: ResponseHead): ResponseBodyMode {
    if (head.framing.kind === 'none' || head.framing.kind === 'length') return 'as-is';
    return this.#request.minor === 1 ? 'chunked' : 'close';
  }

  #relayBody(bytes: Buffer | undefined, into: Piece[]): void {
    const data: Buffer[] = [];
    const rest = bytes === undefined ? undefined : this.#decoder!.push(bytes, data);
    if (rest !== undefined) this.#hasExtra = true;
    if (this.#bodyMode === 'chunked') {
      if (bytes !== undefined) chunkPieces(data, this.#decoder!.isDone, into);
    } else for (const piece of data) into.push(piece);
  }
}
