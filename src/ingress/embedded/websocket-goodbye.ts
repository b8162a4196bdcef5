/**
 * Ends a WebSocket that has no more time, with nothing lost of what was under way:
 *
 *   a pause in which nothing moves (what was asked is answered) ▸ the instance is told "going away", after all that its
 *   client has said ▸ what the instance still says goes to the client ▸ the client is told, after all of that ▸ the end
 *
 * What the client says in between reaches nobody, as after any close frame: it has no answer, so it was not heard.
 */
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../lib/clock.ts';
import { GOING_AWAY, GOING_AWAY_MASKED, type WebSocketFrames } from './websocket-frames.ts';

export interface GoodbyeSides {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly fromClient: WebSocketFrames;
  readonly fromInstance: WebSocketFrames;
}

/** Together less than what an instance has left at its drain deadline, from 4 s on. */
const LOOK_EVERY_MS = 5;
const PAUSE_MS = 25;
const PAUSE_WITHIN_MS = 250;
/** Counted by looks: a process that slept meanwhile has not read what was there. */
const ANSWER_WITHIN_LOOKS = 80;

export class WebSocketGoodbye {
  readonly #sides: GoodbyeSides;
  readonly #clock: Clock;
  readonly #beganMs: number;
  #movedMs: number;
  #timer: Timer | undefined;
  #isClientTold = false;

  constructor(sides: GoodbyeSides, clock: Clock) {
    this.#sides = sides;
    this.#clock = clock;
    this.#beganMs = clock.nowMs();
    this.#movedMs = this.#beganMs;
    const { client, upstream } = sides;
    for (const socket of [client, upstream]) {
      socket.on('data', () => {
        this.#movedMs = clock.nowMs();
      });
      socket.once('close', () => this.#timer?.cancel());
    }
    this.#awaitPause();
  }

  #awaitPause(): void {
    const nowMs = this.#clock.nowMs();
    const { fromClient } = this.#sides;
    const isPause = nowMs - this.#movedMs >= PAUSE_MS || nowMs - this.#beganMs >= PAUSE_WITHIN_MS;
    if (isPause && (fromClient.isBetween || fromClient.isClosed)) this.#tellInstance();
    else this.#timer = this.#clock.after(LOOK_EVERY_MS, () => this.#awaitPause());
  }

  #tellInstance(): void {
    const { client, upstream, fromClient } = this.#sides;
    client.unpipe(upstream);
    // Read on, so that its end is seen.
    client.resume();
    if (!fromClient.isClosed && upstream.writable) upstream.write(GOING_AWAY_MASKED);
    upstream.unpipe(client);
    upstream.on('data', (bytes: Buffer) => this.#toClient(bytes));
    upstream.once('end', () => this.#tellClient());
    upstream.resume();
    this.#awaitClose(ANSWER_WITHIN_LOOKS);
  }

  #awaitClose(looks: number): void {
    if (looks === 0) this.#tellClient();
    else this.#timer = this.#clock.after(LOOK_EVERY_MS, () => this.#awaitClose(looks - 1));
  }

  /** Up to the instance's own close frame; ours says why. */
  #toClient(bytes: Buffer): void {
    if (this.#isClientTold) return;
    const { client, upstream, fromInstance } = this.#sides;
    const end = fromInstance.closeAt ?? bytes.length;
    if (end > 0 && !client.write(bytes.subarray(0, end))) {
      upstream.pause();
      client.once('drain', () => upstream.resume());
    }
    if (fromInstance.isClosed) this.#tellClient();
  }

  #tellClient(): void {
    this.#timer?.cancel();
    if (this.#isClientTold) return;
    this.#isClientTold = true;
    const { client, upstream, fromInstance } = this.#sides;
    const isBetween = fromInstance.isBetween || fromInstance.isClosed;
    if (isBetween && client.writable) client.write(GOING_AWAY);
    client.end();
    upstream.end();
  }
}
