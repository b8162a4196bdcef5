/** What an exchange needs of its client's connection, whatever that speaks. */
import type { OwnFields } from './forwarded-head.ts';
import type { Origin } from './origin.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseForm } from './response-relay.ts';
import type { Piece } from './socket-writes.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamServer } from './upstream-server.ts';

export interface ExchangeClient {
  readonly origin: Origin;
  /** How it gets a response; a new one for each. */
  form(request: RequestHead): ResponseForm;
  write(pieces: readonly Piece[]): boolean;
  pauseReading(): void;
  resumeReading(): void;
  /** The response is complete. */
  done(keepAlive: boolean): void;
  /** There will be no response of an instance: answer in our own words. */
  refuse(status: number, message: string, fields?: OwnFields): void;
  /** The response ends here, and nobody can tell that from its own end. */
  finishEarly(): void;
  /** The response broke off: the client must see that it did. */
  cut(): void;
  /** The protocol was switched: the connection is the exchange's from now on. */
  tunnelTo(upstream: UpstreamConnection, switched: Switched): void;
}

export interface Switched {
  readonly server: UpstreamServer;
  readonly idleMs: number;
  /** In lower case, as the instance names it: "websocket". */
  readonly protocol: string;
  /** What the instance said after its head. */
  readonly first: Buffer | undefined;
}
