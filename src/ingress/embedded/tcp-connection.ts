/** A client's connection in mode "tcp": one server for as long as it lasts, in flight until both sides are closed. */
import type { Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import type { Backend, Waiter } from './backend.ts';
import { tunnel } from './tunnel.ts';
import { isInstancesFault, type UpstreamConnection, type UpstreamUser } from './upstream-connection.ts';
import type { UpstreamServer } from './upstream-server.ts';

const MAX_REFUSALS = 100;

export class TcpConnection implements UpstreamUser, Waiter {
  readonly #client: Socket;
  readonly #backend: Backend;
  readonly #startedMs: number;
  readonly #closed: () => void;
  #server: UpstreamServer | undefined;
  #upstream: UpstreamConnection | undefined;
  #refusals = 0;

  constructor(clock: Clock, client: Socket, backend: Backend, closed: () => void) {
    this.#client = client;
    this.#backend = backend;
    this.#startedMs = clock.nowMs();
    this.#closed = closed;
    client.pause();
    client.on('error', () => {});
    client.on('close', () => this.#clientClosed());
  }

  start(): void {
    const server = this.#backend.admit();
    if (server !== undefined) this.admitted(server);
    else if (!this.#backend.hold(this, this.#startedMs + this.#backend.holdMs)) this.expired();
  }

  destroy(): void {
    this.#client.destroy();
  }

  /** A tunnel knows no last request: it ends when its ends end it. */
  closeWhenIdle(): void {}

  sweep(): void {}

  admitted(server: UpstreamServer): void {
    this.#server = server;
    this.#upstream = server.connection(this, 0);
  }

  expired(): void {
    this.#backend.countUnserved();
    this.#client.resetAndDestroy();
  }

  connected(): void {
    const server = this.#server!;
    const upstream = this.#upstream!.detach();
    this.#server = undefined;
    this.#upstream = undefined;
    tunnel(this.#client, upstream, () => server.end());
  }

  lost(error: Error): void {
    const server = this.#server!;
    this.#drop();
    if (!isInstancesFault(error) || ++this.#refusals >= MAX_REFUSALS) {
      this.expired();
      return;
    }
    server.refused();
    this.start();
  }

  received(): void {}

  ended(): void {}

  writable(): void {}

  #clientClosed(): void {
    this.#backend.release(this);
    this.#drop();
    this.#closed();
  }

  #drop(): void {
    this.#upstream?.destroy();
    this.#upstream = undefined;
    this.#server?.end();
    this.#server = undefined;
  }
}
