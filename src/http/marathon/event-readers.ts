/** Who reads the event stream: each hears of the others' coming and going, of which no transaction tells. */
import { Wakeup } from '../../lib/wakeup.ts';
import type { MarathonEvent } from '../../marathon/events.ts';

/** More of it in a row is of no use to anybody. */
const MOST_NOTICES = 1000;

export class EventReaders {
  readonly #readers = new Set<EventReader>();

  join(): EventReader {
    const reader = new EventReader(() => this.#readers.delete(reader));
    this.#readers.add(reader);
    return reader;
  }

  /** All but the one who knows. */
  tell(event: MarathonEvent, except: EventReader): void {
    for (const reader of this.#readers) if (reader !== except) reader.hear(event);
  }
}

export class EventReader {
  /** From now on it hears nothing. */
  readonly leave: () => void;
  readonly #wakeup = new Wakeup();
  #notices: MarathonEvent[] = [];

  constructor(leave: () => void) {
    this.leave = leave;
  }

  hear(event: MarathonEvent): void {
    this.#notices = [...this.#notices, event].slice(-MOST_NOTICES);
    this.#wakeup.ring();
  }

  /** The items as they come, and between them what this reader hears. Ends with the items, or by the signal. */
  async *among<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T | readonly MarathonEvent[]> {
    const iterator = items[Symbol.asyncIterator]();
    let next = iterator.next();
    let heard = this.#wakeup.wait(signal);
    try {
      for (;;) {
        const result = await Promise.race([next, heard]);
        if (result === undefined) {
          if (signal.aborted) return;
          yield this.#take();
          heard = this.#wakeup.wait(signal);
          continue;
        }
        if (result.done) return;
        yield result.value;
        next = iterator.next();
      }
    } finally {
      next.catch(() => {});
      void iterator.return?.();
    }
  }

  #take(): readonly MarathonEvent[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }
}
