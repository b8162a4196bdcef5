/** One connection of the load generator: one request at a time, its answer read to the last byte. */
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type BodyDecoder, bodyDecoder } from '../src/ingress/embedded/body-decoder.ts';
import { HeadReader } from '../src/ingress/embedded/head-reader.ts';
import { parseResponseHead, type ResponseHead } from '../src/ingress/embedded/response-head.ts';
import { messageOf } from '../src/lib/errors.ts';

export interface LoadResponse {
  readonly status: number;
  readonly version: string;
  readonly latencyMs: number;
  /** When its last byte was there, by `performance.now()`. */
  readonly endedMs: number;
}

export interface LoadConnectionOptions {
  readonly url: URL;
  readonly method: string;
  readonly body: Buffer | undefined;
  readonly timeoutMs: number;
  /** A new connection for every request. */
  readonly fresh: boolean;
  /** Where each connection goes, the first being 0; to the host of the URL where it is absent. */
  readonly hostOf?: (opening: number) => string;
}

/** An answer, or what failed in one sentence. */
export type LoadOutcome = LoadResponse | string;

/** Which TCP connection something was sent on. */
export interface OpenedConnection {
  /** The address that it was asked of. */
  readonly host: string;
  /** When it was asked for, by `performance.now()`: on loopback that is when it is there, or refused. */
  readonly openedMs: number;
  /** Undefined where it was refused. */
  readonly localPort: number | undefined;
}

interface Running {
  readonly startedMs: number;
  readonly settle: (outcome: LoadOutcome) => void;
  readonly reader: HeadReader;
  head: ResponseHead | undefined;
  decoder: BodyDecoder | undefined;
  readonly body: Buffer[];
}

export class LoadConnection {
  readonly #options: LoadConnectionOptions;
  readonly #bytes: Buffer;
  #socket: Socket | undefined;
  #running: Running | undefined;
  #openings = 0;
  #opened: OpenedConnection = { host: '', openedMs: 0, localPort: undefined };

  constructor(options: LoadConnectionOptions) {
    this.#options = options;
    this.#bytes = requestBytes(options);
  }

  /** The one that the last request went out on. */
  get opened(): OpenedConnection {
    return this.#opened;
  }

  request(): Promise<LoadOutcome> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#fail('no answer in time'), this.#options.timeoutMs);
      this.#running = {
        startedMs: performance.now(),
        settle: (outcome) => {
          clearTimeout(timer);
          this.#running = undefined;
          resolve(outcome);
        },
        reader: new HeadReader(),
        head: undefined,
        decoder: undefined,
        body: [],
      };
      this.#openSocket().write(this.#bytes);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** The one that is open, or a new one. What is written to a new one waits for its connection. */
  #openSocket(): Socket {
    const known = this.#socket;
    if (known?.readable && known.writable && !known.destroyed) return known;
    known?.destroy();
    const { url, hostOf } = this.#options;
    const host = hostOf?.(this.#openings++) ?? url.hostname;
    const socket = connect({ host, port: Number(url.port) || 80, noDelay: true });
    this.#opened = { host, openedMs: performance.now(), localPort: undefined };
    socket.on('connect', () => {
      if (socket === this.#socket) this.#opened = { ...this.#opened, localPort: socket.localPort };
    });
    socket.on('data', (bytes) => this.#received(socket, bytes));
    socket.on('error', (error) => this.#lost(socket, (error as NodeJS.ErrnoException).code ?? error.message));
    socket.on('end', () => this.#ended(socket));
    socket.on('close', () => this.#lost(socket, 'the connection was closed'));
    this.#socket = socket;
    return socket;
  }

  #received(socket: Socket, bytes: Buffer): void {
    if (socket !== this.#socket) return;
    const running = this.#running;
    if (running === undefined) {
      socket.destroy();
      return;
    }
    try {
      this.#read(running, bytes);
    } catch (error) {
      this.#fail(`a malformed answer: ${messageOf(error)}`);
    }
  }

  #read(running: Running, bytes: Buffer): void {
    let rest: Buffer | undefined = bytes;
    if (running.decoder === undefined) {
      const text = running.reader.push(bytes);
      if (text === undefined) return;
      running.head = parseResponseHead(text.text, this.#options.method);
      running.decoder = bodyDecoder(running.head.framing);
      rest = text.rest;
    }
    const extra = rest === undefined ? undefined : running.decoder.push(rest, running.body);
    if (extra !== undefined) this.#fail('bytes after the end of the answer');
    else if (running.decoder.isDone) this.#finish(running);
  }

  #ended(socket: Socket): void {
    if (socket !== this.#socket) return;
    const running = this.#running;
    if (running?.decoder?.mayEnd === true) this.#finish(running);
    else this.#lost(socket, 'the connection was closed');
  }

  #finish(running: Running): void {
    const head = running.head!;
    if (this.#options.fresh || !head.keepAlive) this.close();
    const body = Buffer.concat(running.body);
    if (head.status < 200 || head.status > 299) {
      running.settle(`status ${head.status}: ${body.toString('utf8').trim().slice(0, 200)}`);
      return;
    }
    const endedMs = performance.now();
    const latencyMs = endedMs - running.startedMs;
    running.settle({ status: head.status, version: versionOf(head, body), latencyMs, endedMs });
  }

  #lost(socket: Socket, reason: string): void {
    if (socket !== this.#socket) return;
    const head = this.#running?.head;
    this.#fail(`${reason} ${head === undefined ? 'before any answer' : 'in the middle of the answer'}`);
  }

  #fail(what: string): void {
    this.close();
    this.#running?.settle(what);
  }
}

function requestBytes({ url, method, body, fresh }: LoadConnectionOptions): Buffer {
  const length = body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
  const close = fresh ? 'Connection: close\r\n' : '';
  const head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${length}${close}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body ?? Buffer.alloc(0)]);
}

function versionOf(head: ResponseHead, body: Buffer): string {
  const header = head.fields.find(({ lower }) => lower === 'x-version');
  if (header !== undefined) return header.value;
  return body.subarray(0, 64).toString('latin1').split(/\r?\n/, 1)[0]!.slice(0, 32);
}
