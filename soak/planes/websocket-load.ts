/**
 * WebSockets that send a message and wait for its echo, over and over. Some end by themselves after a second, others
 * stay until the other side ends them: with a close frame, or, where a data plane cannot write one, by an orderly end of
 * the connection at the drain's deadline. Anything else is a failure.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { ClientLoad, ClientWatch, HostOf } from './client-load.ts';
import { ClientKind } from './failures.ts';

export interface WebSocketLoadOptions {
  readonly port: number;
  readonly hostOf: HostOf;
  /** End by themselves. */
  readonly short: number;
  /** Stay. */
  readonly long: number;
  /** Those that are older may be ended without a close frame. */
  readonly bareEndFromMs: number;
  /** Told how many messages had no echo yet: 0 or 1. */
  readonly onPoliteClose: (unanswered: number) => void;
}

const MESSAGES_OF_SHORT = 10;
const EVERY_MS = 100;
const AFTER_FAILURE_MS = 20;
const ANSWER_WITHIN_MS = 30_000;
const NORMAL = 1000;
const GOING_AWAY = 1001;
const NO_CLOSE_FRAME = 1006;

export function startWebSocketLoad(options: WebSocketLoadOptions, watch: ClientWatch): ClientLoad {
  const stopped = new AbortController();
  const { short, long } = options;
  const clients = Array.from({ length: short + long }, (_, at) => work(options, at, watch, stopped.signal));
  return {
    async stop() {
      stopped.abort();
      await Promise.all(clients);
    },
  };
}

async function work(
  { port, hostOf, short, bareEndFromMs, onPoliteClose }: WebSocketLoadOptions,
  at: number,
  watch: ClientWatch,
  signal: AbortSignal,
): Promise<void> {
  const messages = at < short ? MESSAGES_OF_SHORT : Infinity;
  for (let opening = 0; !signal.aborted; opening++) {
    const openedMs = performance.now();
    const host = hostOf(at, opening);
    const life = new WebSocketLife(host, port, bareEndFromMs, watch);
    const end = await life.live(messages, signal);
    if (end.how === 'broken') {
      const connection = { host, openedMs, localPort: life.localPort };
      watch.onFailure({
        kind: ClientKind.webSocket,
        what: end.what,
        startedMs: life.sentMs ?? openedMs,
        endedMs: performance.now(),
        connection,
      });
      await delay(AFTER_FAILURE_MS);
    } else if (end.how === 'told to') onPoliteClose(end.unanswered);
  }
}

type LifeEnd =
  | { readonly how: 'by itself' }
  | { readonly how: 'told to'; readonly unanswered: number }
  | { readonly how: 'broken'; readonly what: string };

/** One WebSocket from its opening to its end. */
class WebSocketLife {
  readonly #host: string;
  readonly #socket: WebSocket;
  readonly #watch: ClientWatch;
  readonly #over: Promise<LifeEnd>;
  localPort: number | undefined;
  /** When the message went out that has no echo yet. */
  sentMs: number | undefined;
  #onEcho: () => void = () => {};
  readonly #bareEndAtMs: number;
  #endsItself = false;
  #isOrderly = false;
  #error: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: string, port: number, bareEndFromMs: number, watch: ClientWatch) {
    this.#host = host;
    this.#watch = watch;
    this.#bareEndAtMs = performance.now() + bareEndFromMs;
    this.#socket = new WebSocket(`ws://${host}:${port}/`, {
      handshakeTimeout: ANSWER_WITHIN_MS,
      perMessageDeflate: false,
    });
    this.#socket.on('upgrade', ({ socket }) => {
      this.localPort = socket.localPort;
      // A reset has none.
      socket.once('end', () => {
        this.#isOrderly = true;
      });
    });
    this.#socket.on('message', (data) => this.#received(String(data)));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = `${error.code ?? ''} ${error.message}`.trim();
    });
    this.#over = new Promise((resolve) =>
      this.#socket.once('close', (code) => {
        clearTimeout(this.#timer);
        resolve(this.#endOf(code));
      }),
    );
  }

  async live(messages: number, signal: AbortSignal): Promise<LifeEnd> {
    let isOver = false;
    const over = this.#over.finally(() => {
      isOver = true;
    });
    await Promise.race([over, new Promise((resolve) => this.#socket.once('open', resolve))]);
    for (let at = 0; at < messages && !isOver && !signal.aborted; at++) {
      await Promise.race([over, this.#exchange(at)]);
      if (!isOver) await Promise.race([over, delay(EVERY_MS)]);
    }
    this.#endsItself = true;
    if (!isOver) this.#socket.close(NORMAL);
    return over;
  }

  #exchange(at: number): Promise<void> {
    // A close frame has come: there is nobody to send to any more.
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.resolve();
    this.#timer = setTimeout(() => this.#socket.terminate(), ANSWER_WITHIN_MS);
    this.sentMs = performance.now();
    return new Promise((resolve) => {
      this.#onEcho = resolve;
      this.#socket.send(`${at}`, () => {});
    });
  }

  #received(text: string): void {
    clearTimeout(this.#timer);
    this.sentMs = undefined;
    this.#watch.onAnswer(ClientKind.webSocket, text.split(' ')[0] ?? '', this.#host);
    this.#onEcho();
  }

  #endOf(code: number): LifeEnd {
    const isBareEnd = code === NO_CLOSE_FRAME && this.#isOrderly && performance.now() >= this.#bareEndAtMs;
    if (code === GOING_AWAY || isBareEnd) return { how: 'told to', unanswered: this.sentMs === undefined ? 0 : 1 };
    if (code === NORMAL && this.#endsItself) return { how: 'by itself' };
    return {
      how: 'broken',
      what: `${this.#isOrderly ? 'ended' : 'reset'} with ${code}${this.#error === undefined ? '' : `: ${this.#error}`}`,
    };
  }
}
