/**
 * Two sockets joined: bytes both ways with backpressure, half-closes passed on, an error of one ends both. A WebSocket is
 * ended in its own words, with nothing lost that was under way.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { Stillness } from './stillness.ts';
import type { UpstreamServer } from './upstream-server.ts';
import { WebSocketFrames } from './websocket-frames.ts';
import { WebSocketGoodbye } from './websocket-goodbye.ts';

export interface TunnelOptions {
  readonly clock: Clock;
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
  /** Of a WebSocket alone. */
  readonly #frames: { readonly fromInstance: WebSocketFrames; readonly fromClient: WebSocketFrames } | undefined;
  readonly #stillness = new Stillness();
  #closingMs: number | undefined;
  /** Of both sockets, what is counted already. */
  #counted: { readonly client: number; readonly upstream: number };

  /** In flight to its server until both sockets are closed. */
  constructor(client: Socket, upstream: Socket, options: TunnelOptions) {
    this.#client = client;
    this.#upstream = upstream;
    this.#options = options;
    if (options.isWebSocket) this.#frames = { fromInstance: framesOf(upstream), fromClient: framesOf(client) };
    this.#counted = options.isWhole ? NOTHING : { client: client.bytesRead, upstream: upstream.bytesRead };
    join(client, upstream, () => {
      this.#count();
      options.server.end();
    });
  }

  /** Whatever was read before the two were joined. */
  begin(toClient: Buffer | undefined, toInstance: Buffer | undefined): void {
    if (toClient !== undefined) {
      this.#frames?.fromInstance.push(toClient);
      this.#client.write(toClient);
    }
    if (toInstance !== undefined) {
      this.#options.server.figures.bytesIn += toInstance.length;
      this.#frames?.fromClient.push(toInstance);
      this.#upstream.write(toInstance);
    }
  }

  /** Called a few times a second. */
  sweep(nowMs: number): void {
    this.#count();
    if (this.#closingMs !== undefined) this.#endOverdue(nowMs);
    else if (this.#options.server.isOverdue(nowMs) || this.#isIdle(nowMs)) {
      this.#closingMs = nowMs;
      this.#sayGoodbye();
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

  #sayGoodbye(): void {
    const [client, upstream] = [this.#client, this.#upstream];
    if (this.#frames !== undefined) {
      new WebSocketGoodbye({ client, upstream, ...this.#frames }, this.#options.clock);
      return;
    }
    client.end();
    upstream.end();
  }

  #endOverdue(nowMs: number): void {
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
