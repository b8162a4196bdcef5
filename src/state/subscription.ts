/** One subscriber's place in the feed: what was committed and not yet taken, up to a bound. */
import { SerinError } from '../lib/errors.ts';
import type { CommittedTransaction } from './types.ts';

export class Subscription implements AsyncIterable<CommittedTransaction>, AsyncIterator<CommittedTransaction> {
  readonly #maxBehind: number;
  readonly #onEnd: () => void;
  #queue: CommittedTransaction[] = [];
  #ended = false;
  #failure: SerinError | undefined;
  #wake: (() => void) | undefined;
  #forgetSignal: (() => void) | undefined;

  constructor(maxBehind: number, onEnd: () => void) {
    this.#maxBehind = maxBehind;
    this.#onEnd = onEnd;
  }

  get isLagging(): boolean {
    return this.#queue.length * 2 > this.#maxBehind;
  }

  /** What it starts with, however much that is. */
  replay(transactions: readonly CommittedTransaction[]): void {
    this.#queue.push(...transactions);
  }

  push(transaction: CommittedTransaction): void {
    if (this.#queue.length >= this.#maxBehind) this.fail(tooSlow(this.#maxBehind));
    else {
      this.#queue.push(transaction);
      this.#wake?.();
    }
  }

  /** Ends it with an error, which the subscriber gets instead of what it has not taken. */
  fail(reason: SerinError): void {
    if (this.#ended) return;
    this.#failure = reason;
    this.#end();
  }

  endOn(signal: AbortSignal): void {
    const end = () => this.#end();
    if (signal.aborted) end();
    else {
      signal.addEventListener('abort', end, { once: true });
      this.#forgetSignal = () => signal.removeEventListener('abort', end);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<CommittedTransaction> {
    return this;
  }

  async next(): Promise<IteratorResult<CommittedTransaction>> {
    while (!this.#ended && this.#queue.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure) throw this.#failure;
    if (this.#ended) return { done: true, value: undefined };
    return { done: false, value: this.#queue.shift()! };
  }

  async return(): Promise<IteratorResult<CommittedTransaction>> {
    this.#end();
    return { done: true, value: undefined };
  }

  #end(): void {
    this.#ended = true;
    this.#queue = [];
    this.#forgetSignal?.();
    this.#onEnd();
    this.#wake?.();
  }
}

function tooSlow(maxBehind: number): SerinError {
  return new SerinError(
    'unavailable',
    `this subscriber is more than ${maxBehind} transactions behind and was cut off; read the state and subscribe again`,
  );
}
