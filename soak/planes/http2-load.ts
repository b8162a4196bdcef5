/** Requests over HTTP/2 without TLS (prior knowledge): a few streams at a time share a connection for as long as it lasts. */
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenedConnection } from '../../bench/load-connection.ts';
import type { ClientLoad, ClientWatch, HostOf } from './client-load.ts';
import { ClientKind } from './failures.ts';

const TIMEOUT_MS = 30_000;
const AFTER_FAILURE_MS = 20;

export interface Http2LoadOptions {
  readonly port: number;
  readonly hostOf: HostOf;
  readonly connections: number;
  readonly streamsPerConnection: number;
  readonly ratePerSecond: number;
}

export function startHttp2Load(options: Http2LoadOptions, watch: ClientWatch): ClientLoad {
  const { connections, streamsPerConnection, ratePerSecond } = options;
  const stopped = new AbortController();
  const everyMs = (1000 * connections * streamsPerConnection) / ratePerSecond;
  const shared = Array.from(
    { length: connections },
    (_, at) => new SharedSession(options.port, (opening) => options.hostOf(at, opening)),
  );
  const workers = shared.flatMap((session) =>
    Array.from({ length: streamsPerConnection }, () => work(session, everyMs, watch, stopped.signal)),
  );
  return {
    async stop() {
      stopped.abort();
      await Promise.all(workers);
      for (const session of shared) session.close();
    },
  };
}

async function work(shared: SharedSession, everyMs: number, watch: ClientWatch, signal: AbortSignal): Promise<void> {
  await delay(Math.random() * everyMs);
  while (!signal.aborted) {
    const startedMs = performance.now();
    const { session, opened } = shared.open();
    const outcome = await ask(session);
    if ('refused' in outcome) {
      watch.onRefused();
      await delay(AFTER_FAILURE_MS);
      continue;
    }
    const endedMs = performance.now();
    if ('failed' in outcome) {
      watch.onFailure({ kind: ClientKind.http2, what: outcome.failed, startedMs, endedMs, connection: opened() });
      await delay(AFTER_FAILURE_MS);
    } else watch.onAnswer(ClientKind.http2, outcome.version, opened().host);
    await delay(Math.max(0, everyMs - (performance.now() - startedMs)));
  }
}

/** "refused": before anything was done with it; such a stream is safe to send again, and clients do (RFC 9113, 8.7). */
type Outcome = { readonly version: string } | { readonly failed: string } | { readonly refused: true };

/** Every second one takes a while, so that streams are open when something happens. */
let count = 0;

function ask(session: ClientHttp2Session): Promise<Outcome> {
  return new Promise((resolve) => {
    const path = ++count % 2 === 0 ? '/' : '/slow?ms=40';
    const stream = session.request({ ':path': path });
    const timer = setTimeout(() => settle({ failed: 'no answer in time' }), TIMEOUT_MS);
    let status = 0;
    let version = '';
    let isEnded = false;
    let error: string | undefined;
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    stream.on('response', (headers) => {
      status = Number(headers[':status']);
      version = String(headers['x-version']);
    });
    stream.on('end', () => {
      isEnded = true;
    });
    stream.on('error', (cause: NodeJS.ErrnoException) => {
      error = `${cause.code ?? ''} ${cause.message}`.trim();
    });
    stream.on('close', () => {
      if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) settle({ refused: true });
      else if (error === undefined && status === 200 && isEnded && stream.rstCode === 0) settle({ version });
      else settle({ failed: error ?? (status > 0 && isEnded ? `status ${status}` : `reset with ${stream.rstCode}`) });
    });
    stream.resume();
  });
}

/** A session that the other side wants to end takes no new stream; what it has goes on. */
class SharedSession {
  readonly #port: number;
  readonly #hostOf: (opening: number) => string;
  #openings = 0;
  #session: ClientHttp2Session | undefined;
  #opened: OpenedConnection = { host: '', openedMs: 0, localPort: undefined };

  constructor(port: number, hostOf: (opening: number) => string) {
    this.#port = port;
    this.#hostOf = hostOf;
  }

  open(): { session: ClientHttp2Session; opened: () => OpenedConnection } {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) this.#connect();
    const session = this.#session!;
    const openedMs = this.#opened.openedMs;
    let known = this.#opened;
    return {
      session,
      opened: () => {
        if (this.#opened.openedMs === openedMs) known = this.#opened;
        return known;
      },
    };
  }

  close(): void {
    this.#session?.close();
  }

  #connect(): void {
    const host = this.#hostOf(this.#openings++);
    const session = connect(`http://${host}:${this.#port}`);
    this.#opened = { host, openedMs: performance.now(), localPort: undefined };
    session.on('connect', (_, socket) => {
      if (this.#session === session) this.#opened = { ...this.#opened, localPort: socket.localPort };
    });
    // Its streams say what was lost.
    session.on('error', () => {});
    this.#session = session;
  }
}
