/** A WebSocket as handlers see it: texts in, texts out, both at the pace of who reads them. */
import { on } from 'node:events';
import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../lib/clock.ts';

export interface Ending {
  readonly code: number;
  readonly reason: string;
}

export interface Conversation {
  /** End when the other side has gone. To be read by one reader only. */
  readonly messages: AsyncIterableIterator<string>;
  readonly closed: Promise<Ending>;
  /** Resolves when it is on its way, or the other side has gone. */
  send(text: string): Promise<void>;
  close(code: number, reason: string): void;
}

/** Who does not answer two signs of life has gone, though no connection was closed. */
const PING_MS = 20_000;
/** How long the other side may take to close what was closed here. */
const CLOSE_WITHIN_MS = 2_000;
const WAITING = { highWaterMark: 64, lowWaterMark: 16 };

export function conversationOver(socket: WebSocket, clock: Clock): Conversation {
  const closed = new Promise<Ending>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString('utf8') }));
  });
  // Every error is followed by the end.
  socket.on('error', () => {});
  keepAlive(socket, clock, closed);
  return {
    messages: texts(on(socket, 'message', { close: ['close'], ...WAITING })),
    closed,
    send: (text) => new Promise((resolve) => socket.send(text, () => resolve())),
    close: (code, reason) => {
      socket.close(code, closeReason(reason));
      const timer = clock.after(CLOSE_WITHIN_MS, () => socket.terminate());
      void closed.then(() => timer.cancel());
    },
  };
}

/** Begins at once: what comes before somebody reads waits. */
function texts(events: NodeJS.AsyncIterator<unknown[]>): AsyncIterableIterator<string> {
  const iterator: AsyncIterableIterator<string> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      try {
        const { done, value } = await events.next();
        return done ? { done, value: undefined } : { done: false, value: String((value as unknown[])[0]) };
      } catch {
        // A frame that is none: the socket ends.
        return { done: true, value: undefined };
      }
    },
  };
  return iterator;
}

function keepAlive(socket: WebSocket, clock: Clock, closed: Promise<Ending>): void {
  let missed = 0;
  let timer: Timer;
  socket.on('pong', () => {
    missed = 0;
  });
  const beat = () => {
    if (missed++ >= 2) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.ping();
    timer = clock.after(PING_MS, beat);
  };
  timer = clock.after(PING_MS, beat);
  void closed.then(() => timer.cancel());
}

/** Reasons longer than this do not fit. */
const REASON_BYTES = 123;

/** As much of a sentence as a WebSocket's end can carry, cut between characters. */
export function closeReason(sentence: string): string {
  if (Buffer.byteLength(sentence) <= REASON_BYTES) return sentence;
  let cut = '';
  for (const letter of sentence) {
    if (Buffer.byteLength(`${cut}${letter}…`) > REASON_BYTES) break;
    cut += letter;
  }
  return `${cut}…`;
}
