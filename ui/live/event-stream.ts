/**
 * Hears of every change for as long as the page is open. A stream that ends, or says nothing for longer than its signs of
 * life are apart, is opened again; since something may have been missed meanwhile, everything on screen is asked anew.
 */
import type { QueryClient } from '@tanstack/react-query';
import { client } from '../client/client.ts';
import { jsonLines } from '../client/json-lines.ts';
import { onToken, readToken } from '../client/token.ts';
import { isUnauthorized } from '../client/words.ts';
import { eventApplier } from './apply-events.ts';
import { setConnection } from './connection.ts';
import type { StreamLine } from './event.ts';

/** One and a half of the server's signs of life. */
const SILENCE_MS = 15_000;
const RETRY_MS = { first: 500, most: 5_000 };

/** Resolves when the first stream is open: what is asked from then on cannot be old unheard. */
export function followEvents(queryClient: QueryClient, signal: AbortSignal): Promise<void> {
  const apply = eventApplier(queryClient);
  return new Promise((resolve) => {
    void run(signal, {
      opened: () => {
        resolve();
        void queryClient.invalidateQueries();
      },
      line: ({ Events = [] }) => apply(Events),
    });
  });
}

interface Listener {
  opened(): void;
  line(line: StreamLine): void;
}

async function run(signal: AbortSignal, listener: Listener): Promise<void> {
  let retryMs = RETRY_MS.first;
  while (!signal.aborted) {
    try {
      await listen(signal, listener, () => {
        retryMs = RETRY_MS.first;
      });
      setConnection({ state: 'lost', sinceMs: Date.now() });
    } catch (error) {
      if (isUnauthorized(error)) await tokenTyped();
      else setConnection({ state: 'lost', sinceMs: Date.now() });
    }
    await pause(retryMs, signal);
    retryMs = Math.min(retryMs * 2, RETRY_MS.most);
  }
}

async function listen(signal: AbortSignal, listener: Listener, onOpen: () => void): Promise<void> {
  const silence = new AbortController();
  const stop = AbortSignal.any([signal, silence.signal]);
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const body = await client.requester.stream('/v1/event/stream', { namespace: '*' }, stop);
    let isFirst = true;
    for await (const line of jsonLines<StreamLine>(body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      // The first line says that nothing from here on is missed: what was read before may be old.
      if (isFirst) {
        isFirst = false;
        onOpen();
        setConnection({ state: 'live' });
        listener.opened();
      }
      listener.line(line);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function tokenTyped(): Promise<void> {
  setConnection({ state: 'unauthorized', wasRefused: readToken() !== undefined });
  await new Promise<void>((resolve) => {
    const forget = onToken(() => {
      forget();
      resolve();
    });
  });
}

/** Shorter where the browser says that the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener('online', done, { once: true });
    signal.addEventListener('abort', done, { once: true });
  });
}
