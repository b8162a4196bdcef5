/**
 * A text that grows while somebody looks at it: its end first, then whatever comes. Lost connections are opened again
 * and begin anew with the end of the text, so that no line stands there twice.
 */
import { useEffect, useState } from 'react';
import { isMissing } from '../client/words.ts';
import { appended, EMPTY_BUFFER, type LineBuffer } from './line-buffer.ts';

export interface TextStream {
  readonly buffer: LineBuffer;
  /** "ended": nothing more will come. */
  readonly state: 'opening' | 'open' | 'lost' | 'ended';
  readonly error?: unknown;
}

export interface TextSource {
  /** Another name is another text. */
  readonly name: string;
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;
  /** Whether its end is the end, or a lost connection. */
  readonly isFollowed: boolean;
}

const OPENING: TextStream = { buffer: EMPTY_BUFFER, state: 'opening' };
const DRAW_EVERY_MS = 100;
const RETRY_MS = 2_000;

/** Undefined: there is nothing to read. */
export function useTextStream(source: TextSource | undefined): TextStream {
  const [stream, setStream] = useState(OPENING);
  const name = source && `${source.name} ${source.isFollowed}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the name says whether it is another one.
  useEffect(() => {
    if (source === undefined) return;
    const leaving = new AbortController();
    setStream(OPENING);
    void follow(source, leaving.signal, setStream);
    return () => leaving.abort();
  }, [name]);
  return stream;
}

type Tell = (change: TextStream | ((before: TextStream) => TextStream)) => void;

async function follow(source: TextSource, signal: AbortSignal, tell: Tell): Promise<void> {
  while (!signal.aborted) {
    try {
      await readOnce(source, signal, tell);
      if (!source.isFollowed) return tell(({ buffer }) => ({ buffer, state: 'ended' }));
      if (!signal.aborted) tell(({ buffer }) => ({ buffer, state: 'lost' }));
    } catch (error) {
      if (signal.aborted) return;
      tell(({ buffer }) => ({ buffer, state: 'lost', error }));
      // What is not there now may be there once the task has begun.
      if (!source.isFollowed && !isMissing(error)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function readOnce(source: TextSource, signal: AbortSignal, tell: Tell): Promise<void> {
  const body = await source.open(signal);
  const drawing = drawer(tell);
  try {
    for await (const chunk of body) drawing.add(chunk);
  } finally {
    drawing.end();
  }
}

/** Many pieces a second are drawn a few times a second. */
function drawer(tell: Tell) {
  const decoder = new TextDecoder();
  let buffer = EMPTY_BUFFER;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draw = () => {
    timer = undefined;
    tell({ buffer, state: 'open' });
  };
  draw();
  return {
    add(chunk: Uint8Array) {
      buffer = appended(buffer, decoder.decode(chunk, { stream: true }));
      timer ??= setTimeout(draw, DRAW_EVERY_MS);
    },
    end() {
      if (timer === undefined) return;
      clearTimeout(timer);
      draw();
    },
  };
}
