/** A client's connection in mode "tcp": one server for as long as it lasts, in flight until both sides are closed. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../../lib/clock.ts';
import type { Backend, Waiter } from './backend.ts';
import type { Origin } from './origin.ts';
import { Tunnel } from './tunnel.ts';
import type { UpstreamUser } from './upstream.ts';
import { isInstancesFault, type UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamServer } from './upstream-server.ts';

const MAX_REFUSALS = 100;

export interface TcpWay {
  readonly backend: Backend;
  readonly origin: Origin;
}

export class TcpConnection implements UpstreamUser, Waiter {
  readonly #clock: Clock;
  readonly #client: Socket;
  readonly #backend: Backend;
  readonly #origin: Origin;
  readonly #startedMs: number;
  readonly #closed: () => void;
  #tunnel: Tunnel | undefined;
  #server: UpstreamServer | undefined;
  #upstream: UpstreamConnection | undefined;
  #refusals = 0;

  constructor(clock: Clock, client: Socket, { backend, origin }: TcpWay, closed: () => void) {
    this.#clock = clock;
    this.#origin = origin;
    this.#client = client;
    this.#backend = backend;
    this.#startedMs = clock.nowMs();
    this.#closed = closed;
    client.pause();
    client.on('error', () => {});
    client.on('close', () => this.#clientClosed());
  }

  get source(): string {
    return this.#origin.client.address;
  }

  start(): void {
    const server = this.#backend.admit(undefined, undefined, this.source);
    if (server !== undefined) this.admitted(server);
    else if (this.#backend.hold(this, this.#startedMs + this.#backend.holdMs) !== 'held') this.expired();
  }

  destroy(): void {
    this.#client.destroy();
  }

  /** A tunnel knows no last request: it ends when its ends end it. */
  closeWhenIdle(): void {}

  sweep(nowMs: number): void {
    this.#tunnel?.sweep(nowMs);
  }

  admitted(server: UpstreamServer): void {
    this.#server = server;
    this.#upstream = server.connection(this, 0, this.#origin);
  }

  expired(): void {
    this.#backend.countUnserved();
    if (this.#client instanceof TLSSocket) this.#client.destroy();
    else this.#client.resetAndDestroy();
  }

  connected(): void {
    const server = this.#server!;
    const upstream = this.#upstream!.detach();
    this.#server = undefined;
    this.#upstream = undefined;
    const idleMs = this.#backend.idleTimeoutMs;
    const options = { clock: this.#clock, server, idleMs, isWebSocket: false, isWhole: true } as const;
    this.#tunnel = new Tunnel(this.#client, upstream, options);
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
