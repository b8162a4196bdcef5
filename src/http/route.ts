/**
 * A resource of the API as data: a path, and for each method a handler from `Call` to `Answer`.
 * Handlers know nothing of the HTTP framework; `http-server.ts` binds them to it, and a test holds the whole list
 * against docs/api.md.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';
import type { Conversation } from './conversation.ts';
import type { Query } from './query.ts';

export interface Call {
  readonly method: string;
  /** Path and query as they arrived. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The address of whoever asks, as this server sees it; absent where nobody did over a connection. */
  readonly clientIp?: string;
  /** Aborts when the client has gone or the agent stops. */
  readonly signal: AbortSignal;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

/** What it throws ends the conversation with its sentence. */
export type SocketHandler = (call: Call, talk: Conversation) => Promise<void>;

export interface Route {
  /** With `:name` for a parameter. */
  readonly path: string;
  readonly GET?: Handler;
  /** PUT and POST mean the same everywhere. */
  readonly PUT?: Handler;
  readonly DELETE?: Handler;
  /** For GET with "Upgrade: websocket". */
  readonly WEBSOCKET?: SocketHandler;
  /** An answer without an end: never compressed, each piece is flushed. */
  readonly streams?: boolean;
}

export const ROUTE_METHODS = ['GET', 'PUT', 'DELETE'] as const;
