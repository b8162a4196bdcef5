/**
 * The HTTP/2 connections (without TLS) to one instance: requests share them, as many at a time as the instance allows.
 * Nobody waits for them to end: a session that is closed takes no new request and goes when its last one has ended.
 */
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { H2cStream } from './h2c-stream.ts';
import type { RequestUser, Upstream } from './upstream.ts';
import { CONNECT_TIMEOUT_MS, connectTimeout, type UpstreamAddress } from './upstream-connection.ts';

/** For each request, and for all of a session together: more than a round trip's worth, less than would hurt. */
const STREAM_WINDOW_BYTES = 256 * 1024;
const SESSION_WINDOW_BYTES = 4 * 1024 * 1024;
/** At a time by one session: until the instance says how many it takes, and at most. */
const STREAMS_BEFORE_SETTINGS = 100;
const MAX_STREAMS = 1000;
/** Requests that wait for a slow instance count as well. */
const MAX_SESSION_MB = 256;

interface Session {
  readonly http2: ClientHttp2Session;
  /** Requests that use it or wait for it to connect. */
  streams: number;
  idleSinceMs: number;
  /** It takes no new request, and is closed with the last one that it has. */
  isRetired: boolean;
}

export class H2cSessions {
  readonly #clock: Clock;
  readonly #address: UpstreamAddress;
  readonly #sessions = new Set<Session>();

  constructor(clock: Clock, address: UpstreamAddress) {
    this.#clock = clock;
    this.#address = address;
  }

  /** A request by a session of its own, which begins with these bytes. */
  static alone(clock: Clock, address: UpstreamAddress, user: RequestUser, first: Buffer): Upstream {
    const sessions = new H2cSessions(clock, address);
    const session = sessions.#start(first);
    const stream = sessions.#use(session, user);
    retire(session);
    return stream;
  }

  open(user: RequestUser): Upstream {
    const session = [...this.#sessions].find(takesMore) ?? this.#start();
    return this.#use(session, user);
  }

  /** No new request; those that are open end by themselves. */
  close(): void {
    for (const session of this.#sessions) retire(session);
    this.#sessions.clear();
  }

  sweep(nowMs: number, maxIdleMs: number): void {
    for (const session of [...this.#sessions]) {
      if (session.streams > 0 || nowMs - session.idleSinceMs < maxIdleMs) continue;
      this.#sessions.delete(session);
      retire(session);
    }
  }

  #start(first?: Buffer): Session {
    const { address, port } = this.#address;
    const socket = connectSocket({ host: address, port, noDelay: true });
    if (first !== undefined) socket.write(first);
    const http2 = connect(`http://${address.includes(':') ? `[${address}]` : address}:${port}`, {
      createConnection: () => socket,
      maxSessionMemory: MAX_SESSION_MB,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    const session: Session = { http2, streams: 0, idleSinceMs: this.#clock.nowMs(), isRetired: false };
    this.#sessions.add(session);
    const forget = () => this.#sessions.delete(session);
    const timer = this.#clock.after(CONNECT_TIMEOUT_MS, () => http2.destroy(connectTimeout()));
    http2.on('connect', () => {
      timer.cancel();
      if (!http2.destroyed) http2.setLocalWindowSize(SESSION_WINDOW_BYTES);
    });
    // Each request listens to it.
    http2.setMaxListeners(0);
    // Each of its streams says it to whoever waits.
    http2.on('error', forget);
    http2.on('goaway', forget);
    http2.on('close', () => {
      timer.cancel();
      forget();
    });
    return session;
  }

  #use(session: Session, user: RequestUser): Upstream {
    session.streams++;
    return new H2cStream(session.http2, user, () => {
      session.streams--;
      session.idleSinceMs = this.#clock.nowMs();
      if (session.isRetired) retire(session);
    });
  }
}

/** One that was closed while a request waits for it to connect would fail that request. */
function retire(session: Session): void {
  session.isRetired = true;
  if (session.streams === 0 && !session.http2.closed) session.http2.close();
}

function takesMore({ http2, streams }: Session): boolean {
  if (http2.closed || http2.destroyed) return false;
  const allowed = http2.connecting ? STREAMS_BEFORE_SETTINGS : http2.remoteSettings.maxConcurrentStreams;
  return streams < Math.min(allowed ?? MAX_STREAMS, MAX_STREAMS);
}
