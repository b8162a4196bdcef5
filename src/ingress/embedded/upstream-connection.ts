/**
 * One connection to an instance. It serves one user (an exchange) at a time; between two it lies idle in its server's
 * pool, where the first byte, end or error that comes makes it unusable at once.
 */
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { renderRequestHead } from './forwarded-head.ts';
import type { Origin } from './origin.ts';
import type { RequestBody } from './request-body.ts';
import type { RequestHead } from './request-head.ts';
import { type Piece, writePieces } from './socket-writes.ts';
import type { Upstream, UpstreamUser } from './upstream.ts';

export interface UpstreamAddress {
  readonly address: string;
  readonly port: number;
}

export const CONNECT_TIMEOUT_MS = 2000;

export class UpstreamConnection implements Upstream {
  readonly socket: Socket;
  #user: UpstreamUser | undefined;
  #isConnected = false;
  #isReused = false;
  #idleSinceMs = 0;
  /** How long it may lie idle: shorter than the instance itself waits. */
  #idleLimitMs = Number.POSITIVE_INFINITY;

  /** `first`: what the instance is told before any request, as soon as it is connected. */
  constructor(clock: Clock, { address, port }: UpstreamAddress, user: UpstreamUser, first?: Buffer) {
    this.#user = user;
    this.socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true });
    const timer = clock.after(CONNECT_TIMEOUT_MS, () => this.socket.destroy(connectTimeout()));
    this.socket.on('connect', () => {
      timer.cancel();
      this.#isConnected = true;
      if (first !== undefined) this.socket.write(first);
      this.#user?.connected();
    });
    this.socket.on('data', (bytes) => (this.#user === undefined ? this.destroy() : this.#user.received(bytes)));
    this.socket.on('end', () => (this.#user === undefined ? this.destroy() : this.#user.ended()));
    this.socket.on('drain', () => this.#user?.writable());
    this.socket.on('error', (error) => this.#lose(error));
    this.socket.on('close', () => {
      timer.cancel();
      this.#lose(new Error('the connection was closed'));
    });
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Whether it has served another request before. */
  get isReused(): boolean {
    return this.#isReused;
  }

  sendRequest(head: RequestHead, origin: Origin, body: RequestBody): boolean {
    const pieces: Piece[] = [renderRequestHead(head, origin)];
    if (head.framing.kind !== 'none') for (const piece of body.takePieces()) pieces.push(piece);
    return writePieces(this.socket, pieces);
  }

  sendBody(body: RequestBody): boolean {
    return writePieces(this.socket, body.takePieces());
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Lays it down after a complete exchange. `keepAliveMs`: how long the instance says it waits. */
  rest(nowMs: number, keepAliveMs: number | undefined): void {
    this.#user = undefined;
    this.#idleSinceMs = nowMs;
    if (keepAliveMs !== undefined) this.#idleLimitMs = Math.max(0, keepAliveMs - 1000);
    if (this.socket.isPaused()) this.socket.resume();
  }

  isUsable(nowMs: number, maxIdleMs: number): boolean {
    if (this.socket.destroyed || !this.socket.readable || !this.socket.writable) return false;
    return nowMs - this.#idleSinceMs < Math.min(maxIdleMs, this.#idleLimitMs);
  }

  take(user: UpstreamUser): void {
    this.#user = user;
    this.#isReused = true;
  }

  /** Nobody hears of it any more. */
  destroy(): void {
    this.#user = undefined;
    this.socket.destroy();
  }

  /** Gives the bare socket away (a tunnel); its errors stay caught. */
  detach(): Socket {
    this.#user = undefined;
    for (const event of ['data', 'end', 'drain']) this.socket.removeAllListeners(event);
    return this.socket;
  }

  #lose(error: Error): void {
    const user = this.#user;
    this.#user = undefined;
    user?.lost(error);
  }
}

export const connectTimeout = () => Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' });

const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ETIMEDOUT']);

/** Whether a failure to connect is the instance's (it gets no more traffic until a check passes), not this machine's. */
export const isInstancesFault = (error: Error): boolean => UNREACHABLE.has((error as NodeJS.ErrnoException).code ?? '');
