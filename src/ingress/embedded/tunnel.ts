/**
 * Two sockets joined: bytes both ways with backpressure, half-closes passed on, an error of one ends both. A WebSocket is
 * ended with its own words, between two frames: "going away".
 */
import type { Socket } from 'node:net';
import { Stillness } from './stillness.ts';
import type { UpstreamServer } from './upstream-server.ts';
import { GOING_AWAY, GOING_AWAY_MASKED, WebSocketFrames } from './websocket-frames.ts';

export interface TunnelOptions {
  readonly server: UpstreamServer;
  readonly idleMs: number;
  readonly isWebSocket: boolean;
  /** The sockets carry nothing else: what was read of them before is of the tunnel as well. */
  readonly isWhole?: true;
}

/** How long both sides have to say goodbye. */
const GOODBYE_MS = 1000;
const NOTHING = { client: 0, upstream: 0 };

export class Tunnel {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #options: TunnelOptions;
  readonly #fromInstance: WebSocketFrames | undefined;
  readonly #fromClient: WebSocketFrames | undefined;
  readonly #stillness = new Stillness();
  #closingMs: number | undefined;
  #isSaid = { client: false, upstream: false };
  /** Of both sockets, what is counted already. */
  #counted: { readonly client: number; readonly upstream: number };

  /** In flight to its server until both sockets are closed. */
  constructor(client: Socket, upstream: Socket, options: TunnelOptions) {
    this.#client = client;
    this.#upstream = upstream;
    this.#options = options;
    if (options.isWebSocket) {
      this.#fromInstance = framesOf(upstream);
      this.#fromClient = framesOf(client);
    }
    this.#counted = options.isWhole ? NOTHING : { client: client.bytesRead, upstream: upstream.bytesRead };
    join(client, upstream, () => {
      this.#count();
      options.server.end();
    });
  }

  /** Whatever was read before the two were joined. */
  begin(toClient: Buffer | undefined, toInstance: Buffer | undefined): void {
    if (toClient !== undefined) {
      this.#fromInstance?.push(toClient);
      this.#client.write(toClient);
    }
    if (toInstance !== undefined) {
      this.#options.server.figures.bytesIn += toInstance.length;
      this.#fromClient?.push(toInstance);
      this.#upstream.write(toInstance);
    }
  }

  /** Called a few times a second. */
  sweep(nowMs: number): void {
    this.#count();
    if (this.#closingMs !== undefined) this.#sayGoodbye(nowMs);
    else if (this.#options.server.isOverdue(nowMs) || this.#isIdle(nowMs)) {
      this.#closingMs = nowMs;
      this.#sayGoodbye(nowMs);
    }
  }

  #count(): void {
    const { figures } = this.#options.server;
    const now = { client: this.#client.bytesRead, upstream: this.#upstream.bytesRead };
    figures.bytesIn += now.client - this.#counted.client;
    figures.bytesOut += now.upstream - this.#counted.upstream;
    this.#counted = now;
  }

  #isIdle(nowMs: number): boolean {
    this.#stillness.moved = this.#client.bytesRead + this.#upstream.bytesRead;
    return this.#stillness.look(nowMs) > this.#options.idleMs;
  }

  /** A close frame as soon as the stream is between two frames; then the other side's, or the end. */
  #sayGoodbye(nowMs: number): void {
    if (!this.#options.isWebSocket) {
      this.#client.end();
      this.#upstream.end();
    } else {
      if (!this.#isSaid.client && this.#fromInstance!.isBetween) {
        this.#isSaid.client = true;
        this.#upstream.unpipe(this.#client);
        this.#client.write(GOING_AWAY);
      }
      if (!this.#isSaid.upstream && this.#fromClient!.isBetween) {
        this.#isSaid.upstream = true;
        this.#client.unpipe(this.#upstream);
        this.#client.resume();
        this.#upstream.write(GOING_AWAY_MASKED);
        this.#upstream.resume();
      }
    }
    if (nowMs - this.#closingMs! < GOODBYE_MS) return;
    this.#client.destroySoon();
    this.#upstream.destroy();
  }
}

function framesOf(socket: Socket): WebSocketFrames {
  const frames = new WebSocketFrames();
  socket.on('data', (bytes) => frames.push(bytes));
  return frames;
}

/** `done` is called once, when both are closed. */
function join(client: Socket, upstream: Socket, done: () => void): void {
  client.pipe(upstream);
  upstream.pipe(client);
  let open = 2;
  const closed = (other: Socket) => () => {
    if (other.writableEnded) other.destroySoon();
    else other.destroy();
    if (--open === 0) done();
  };
  whenClosed(client, closed(upstream));
  whenClosed(upstream, closed(client));
  client.resume();
  upstream.resume();
}

function whenClosed(socket: Socket, closed: () => void): void {
  if (socket.closed) queueMicrotask(closed);
  else socket.once('close', closed);
}
