/** A response in the form that a client of HTTP/1 gets: which framing, and whether its connection can be kept. */
import { type ResponseBodyMode, renderInterimHead, renderResponseHead } from './forwarded-head.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { ResponseForm } from './response-relay.ts';
import { chunkPieces, type Piece } from './socket-writes.ts';

export interface Http1Client {
  /** Whether its connection may be kept when this response is the next thing on it. */
  readonly mayKeepAlive: boolean;
}

export class Http1Form implements ResponseForm {
  readonly #request: RequestHead;
  readonly #client: Http1Client;
  #bodyMode: ResponseBodyMode = 'as-is';
  #hasContinued = false;
  #keepsClient = false;

  constructor(request: RequestHead, client: Http1Client) {
    this.#request = request;
    this.#client = client;
  }

  get keepsClient(): boolean {
    return this.#keepsClient;
  }

  interim(head: ResponseHead, into: Piece[]): void {
    if (head.status === 100) this.#hasContinued = true;
    if (this.#request.minor === 1) into.push(renderInterimHead(head));
  }

  begin(head: ResponseHead, cookies: readonly string[], into: Piece[]): void {
    this.#bodyMode = this.#modeOf(head);
    // Without "100 Continue" nobody knows whether the body still comes: the connection cannot be used again.
    const bodyInDoubt = this.#request.expectsContinue && !this.#hasContinued;
    const { keepAlive } = this.#request;
    this.#keepsClient = this.#bodyMode !== 'close' && !bodyInDoubt && keepAlive && this.#client.mayKeepAlive;
    const { minor: clientMinor } = this.#request;
    into.push(
      renderResponseHead(head, { clientMinor, bodyMode: this.#bodyMode, keepAlive: this.#keepsClient, cookies }),
    );
  }

  data(data: readonly Buffer[], isLast: boolean, into: Piece[]): void {
    if (this.#bodyMode === 'chunked') chunkPieces(data, isLast, into);
    else for (const piece of data) into.push(piece);
  }

  /** HTTP/1 clients that wait for trailers are few, and none says so in a way that can be relied on. */
  trailers(): void {}

  #modeOf(head: ResponseHead): ResponseBodyMode {
    if (head.framing.kind === 'none' || head.framing.kind === 'length') return 'as-is';
    return this.#request.minor === 1 ? 'chunked' : 'close';
  }
}
