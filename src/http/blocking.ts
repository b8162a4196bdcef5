/**
 * Every read of the state goes through here: it answers at once, or (`?index=`) when what was asked for is newer than
 * the client knows, at the latest after `?wait=`. What it answers is durable: nobody learns what a crash could lose.
 */
import type { Clock } from '../lib/clock.ts';
import type { ReadTx } from '../state/types.ts';
import { type Answer, type ReadAnswer, readHeaders } from './answer.ts';
import type { StateReader, Watch } from './deps.ts';
import type { Call } from './route.ts';

export interface Reading {
  readonly state: StateReader;
  readonly clock: Clock;
}

/** Level-triggered: a wake only makes it read again, so one that was for nothing costs no more than that. */
export async function answerRead(
  { state, clock }: Reading,
  call: Call,
  watch: Watch,
  read: (tx: ReadTx) => ReadAnswer,
): Promise<Answer> {
  const patience = call.query.index > 0 ? patienceOf(call, clock) : undefined;
  try {
    for (;;) {
      const seen = state.view((tx) => ({ head: tx.index, ...read(tx) }));
      const mustWait = patience !== undefined && seen.index <= call.query.index && !patience.signal.aborted;
      if (!mustWait) {
        await state.whenDurable(seen.head);
        return withReadHeaders(seen);
      }
      await state.waitFor({ ...watch, afterIndex: seen.head }, patience.signal);
    }
  } finally {
    patience?.end();
  }
}

function withReadHeaders({ index, answer }: ReadAnswer): Answer {
  return { ...answer, headers: { ...readHeaders(index), ...answer.headers } };
}

/** A signal that aborts when the client's patience, or the client, or the agent ends. */
function patienceOf(call: Call, clock: Clock): { readonly signal: AbortSignal; end(): void } {
  const ended = new AbortController();
  const end = () => {
    timer.cancel();
    call.signal.removeEventListener('abort', end);
    ended.abort();
  };
  const timer = clock.after(call.query.waitMs, end);
  call.signal.addEventListener('abort', end, { once: true });
  if (call.signal.aborted) end();
  return { signal: ended.signal, end };
}
