/** One port that clients come in by. A port that is taken is tried again until it is free; the others don't notice. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Timer } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';

export interface OpenConnection {
  closeWhenIdle(): void;
  destroy(): void;
  sweep(nowMs: number): void;
}

export interface ListenerDeps {
  readonly clock: Clock;
  readonly bindAddress: string;
  /** Why it cannot serve anybody yet; asked again until it says nothing. */
  readonly blocker?: () => string | undefined;
  /** Makes a connection of a socket; `closed` is to be called when it is over. */
  readonly accept: (socket: Socket, closed: () => void) => OpenConnection;
  /** It listens now, or failed to. */
  readonly onChange: (error: Error | undefined) => void;
}

const RETRY_MS = 250;
const BACKLOG = 4096;
/** A client that is gone without a word is found out, however long it was silent on purpose. */
const KEEP_ALIVE_MS = 60_000;
const SOCKET_OPTIONS = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };

export class Listener {
  readonly port: number;
  readonly #deps: ListenerDeps;
  readonly #connections = new Set<OpenConnection>();
  #server: Server | undefined;
  #retry: Timer | undefined;
  #problem: string | undefined;
  #isListening = false;
  #isClosed = false;

  constructor(port: number, deps: ListenerDeps) {
    this.port = port;
    this.#deps = deps;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** One sentence while it cannot listen. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  open(): void {
    const blocker = this.#deps.blocker?.();
    if (blocker === undefined) this.#listen();
    else this.#failed(blocker, new Error(blocker));
  }

  /** Takes no new connection; those that are open end after what is in flight on them. */
  close(): void {
    this.#isClosed = true;
    this.#isListening = false;
    this.#retry?.cancel();
    this.#server?.close();
    for (const connection of [...this.#connections]) connection.closeWhenIdle();
  }

  destroyConnections(): void {
    for (const connection of [...this.#connections]) connection.destroy();
  }

  sweep(nowMs: number): void {
    for (const connection of [...this.#connections]) connection.sweep(nowMs);
  }

  #listen(): void {
    const server = createServer(SOCKET_OPTIONS, (socket) => this.#accepted(socket));
    this.#server = server;
    server.on('error', (error) => {
      server.close();
      this.#failed(`cannot listen on ${this.#deps.bindAddress}:${this.port}: ${reasonOf(error)}`, error);
    });
    server.on('listening', () => this.#opened());
    server.listen({ port: this.port, host: this.#deps.bindAddress, backlog: BACKLOG });
  }

  #accepted(socket: Socket): void {
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    const connection = this.#deps.accept(socket, () => this.#connections.delete(connection));
    this.#connections.add(connection);
  }

  #opened(): void {
    this.#problem = undefined;
    this.#isListening = true;
    this.#deps.onChange(undefined);
  }

  #failed(problem: string, error: Error): void {
    if (this.#isClosed) return;
    const isNew = this.#problem === undefined;
    this.#problem = problem;
    this.#isListening = false;
    this.#retry = this.#deps.clock.after(RETRY_MS, () => this.open());
    if (isNew) this.#deps.onChange(error);
  }
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'another process holds the port';
  if (code === 'EACCES') return 'this user may not use the port';
  return messageOf(error);
}
