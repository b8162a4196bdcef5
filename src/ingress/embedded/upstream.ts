/** What an exchange needs of its way to an instance; HTTP/1 and HTTP/2 are two. */
import type { HeaderField } from './header-fields.ts';
import type { Origin } from './origin.ts';
import type { RequestBody } from './request-body.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

export interface Upstream {
  readonly isConnected: boolean;
  /** Whether it has served another request before. */
  readonly isReused: boolean;
  /** The head, and what has come of the body. Answers whether it takes more right away. Throws `Unprocessed`. */
  sendRequest(head: RequestHead, origin: Origin, body: RequestBody): boolean;
  sendBody(body: RequestBody): boolean;
  /** The client does not take the response as fast as it comes. */
  pause(): void;
  resume(): void;
  /** Nobody hears of it any more. */
  destroy(): void;
}

/** Who uses a connection. */
export interface UpstreamUser {
  connected(): void;
  received(bytes: Buffer): void;
  /** The instance sends nothing more. */
  ended(): void;
  /** The connection is gone, or never was. */
  lost(error: Error): void;
  /** It takes more bytes again. */
  writable(): void;
}

/** Who sends a request by it. HTTP/1 answers in bytes; HTTP/2 in heads, data, and an end. */
export interface RequestUser extends UpstreamUser {
  headed(head: ResponseHead): void;
  data(bytes: Buffer): void;
  finished(trailers: readonly HeaderField[]): void;
}

/** The instance has not looked at the request: whatever its method, it may go elsewhere. */
export class Unprocessed extends Error {
  override readonly name = 'Unprocessed';
}
