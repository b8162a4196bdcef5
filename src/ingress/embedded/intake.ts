/**
 * A new connection before its first request: who the client is (a PROXY header), and whether it speaks TLS. What it is
 * then, an HTTP or a TCP connection, it stays.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../lib/clock.ts';
import { BadMessage } from './header-fields.ts';
import type { OpenConnection } from './listener.ts';
import { type Origin, originOf, plainAddress } from './origin.ts';
import { type ProxyHeader, parseProxyHeader } from './proxy-protocol.ts';
import type { TlsGate } from './tls-gate.ts';
import type { IsTrusted } from './trusted.ts';

export interface IntakeDeps {
  readonly clock: Clock;
  /** The port of the frontend, as users know it. */
  readonly port: number;
  readonly isTrusted: IsTrusted;
  readonly acceptsProxyProtocol: boolean;
  /** undefined: the port speaks no TLS. */
  readonly tls: TlsGate | undefined;
  /** For PROXY header and handshake together. */
  readonly limitMs: number;
  readonly open: (socket: Socket, origin: Origin, closed: () => void) => OpenConnection;
}

/** The connection, at once where there is nothing to find out first. */
export function takeIn(socket: Socket, deps: IntakeDeps, closed: () => void): OpenConnection {
  const address = plainAddress(socket.remoteAddress);
  const isTrusted = deps.isTrusted(address);
  if (deps.tls === undefined && !(isTrusted && deps.acceptsProxyProtocol)) {
    return deps.open(socket, socketOrigin(socket, deps), closed);
  }
  const intake = new Intake(socket, deps, closed);
  if (isTrusted && deps.acceptsProxyProtocol) intake.readProxyHeader();
  else intake.secure(socketOrigin(socket, deps));
  return intake;
}

function socketOrigin(socket: Socket, { port, isTrusted, tls }: IntakeDeps): Origin {
  const address = plainAddress(socket.remoteAddress);
  const local = { address: plainAddress(socket.localAddress), port };
  const scheme = tls === undefined ? 'http' : 'https';
  return originOf({ address, port: socket.remotePort ?? 0 }, local, { scheme, isTrusted: isTrusted(address) });
}

class Intake implements OpenConnection {
  readonly #socket: Socket;
  readonly #deps: IntakeDeps;
  readonly #closed: () => void;
  readonly #startedMs: number;
  #inner: OpenConnection | undefined;
  #isLast = false;

  constructor(socket: Socket, deps: IntakeDeps, closed: () => void) {
    this.#socket = socket;
    this.#deps = deps;
    this.#closed = closed;
    this.#startedMs = deps.clock.nowMs();
    socket.on('error', () => {});
    socket.on('close', closed);
  }

  closeWhenIdle(): void {
    this.#isLast = true;
    this.#inner?.closeWhenIdle();
  }

  destroy(): void {
    this.#inner?.destroy();
    this.#socket.destroy();
  }

  sweep(nowMs: number): void {
    if (this.#inner !== undefined) this.#inner.sweep(nowMs);
    else if (nowMs - this.#startedMs > this.#deps.limitMs) this.destroy();
  }

  readProxyHeader(): void {
    let collected = Buffer.alloc(0);
    const read = (bytes: Buffer) => {
      collected = Buffer.concat([collected, bytes]);
      const header = parsed(collected);
      if (header === undefined) return;
      this.#socket.removeListener('data', read);
      this.#socket.removeListener('end', end);
      if (header instanceof BadMessage) this.#socket.destroy();
      else this.#announced(header);
    };
    const end = () => this.#socket.destroy();
    this.#socket.on('data', read);
    this.#socket.on('end', end);
  }

  secure(origin: Origin): void {
    const { tls } = this.#deps;
    if (tls === undefined) {
      this.#open(this.#socket, origin);
      return;
    }
    tls.secure(this.#socket, (socket) => {
      socket.on('error', () => {});
      socket.on('close', this.#closed);
      this.#open(socket, origin);
    });
  }

  #announced({ ends, rest }: ProxyHeader): void {
    this.#socket.pause();
    if (rest !== undefined) this.#socket.unshift(rest);
    const own = socketOrigin(this.#socket, this.#deps);
    const { isTrusted } = this.#deps;
    const { scheme } = own;
    // What comes through a load balancer that does not read requests is the word of whoever is behind it.
    const origin = ends && originOf(ends.client, ends.local, { scheme, isTrusted: isTrusted(ends.client.address) });
    this.secure(origin ?? own);
  }

  #open(socket: Socket | TLSSocket, origin: Origin): void {
    this.#inner = this.#deps.open(socket, origin, this.#closed);
    if (this.#isLast) this.#inner.closeWhenIdle();
  }
}

function parsed(bytes: Buffer): ProxyHeader | BadMessage | undefined {
  try {
    return parseProxyHeader(bytes);
  } catch (error) {
    if (error instanceof BadMessage) return error;
    throw error;
  }
}
