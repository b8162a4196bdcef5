/**
 * Learns within a few milliseconds that a file of the state directory was written: one watch for all tasks, and a slow
 * look at what is waited for, since a watch may lose an event (or the machine has none left to give).
 */
import { type FSWatcher, watch } from 'node:fs';
import type { Clock, Timer } from '../lib/clock.ts';

const SLOW_LOOK_MS = 1_000;
const LOOK_WITHOUT_WATCH_MS = 50;

export class RecordWatch {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #looks = new Map<string, Set<() => void>>();
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;

  constructor(dir: string, clock: Clock) {
    this.#dir = dir;
    this.#clock = clock;
  }

  /** Calls `read` until it answers something, whenever `file` changes; undefined when the signal aborts first. */
  async until<T>(file: string, read: () => T | undefined, signal?: AbortSignal): Promise<T | undefined> {
    const { promise, resolve } = withResolvers<T | undefined>();
    const look = () => {
      const value = read();
      if (value !== undefined) resolve(value);
    };
    const give = () => resolve(undefined);
    this.#add(file, look);
    signal?.addEventListener('abort', give, { once: true });
    if (signal?.aborted) give();
    // Only now: what was written before the watch began makes no event.
    look();
    return await promise.finally(() => {
      this.#remove(file, look);
      signal?.removeEventListener('abort', give);
    });
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #add(file: string, look: () => void): void {
    const looks = this.#looks.get(file) ?? new Set();
    this.#looks.set(file, looks.add(look));
    this.#watcher ??= this.#watch();
    this.#timer ??= this.#later();
  }

  #remove(file: string, look: () => void): void {
    const looks = this.#looks.get(file);
    looks?.delete(look);
    if (looks?.size === 0) this.#looks.delete(file);
    if (this.#looks.size === 0) this.close();
  }

  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#dir, { persistent: false }, (_event, file) => this.#look(file));
      watcher.on('error', () => {
        watcher.close();
        if (this.#watcher === watcher) this.#watcher = undefined;
      });
      return watcher;
    } catch {
      return undefined;
    }
  }

  #later(): Timer {
    const delayMs = this.#watcher === undefined ? LOOK_WITHOUT_WATCH_MS : SLOW_LOOK_MS;
    return this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      if (this.#looks.size === 0) return;
      this.#watcher ??= this.#watch();
      this.#timer = this.#later();
      for (const file of [...this.#looks.keys()]) this.#look(file);
    });
  }

  #look(file: string | null): void {
    if (file === null) for (const looks of this.#looks.values()) for (const look of [...looks]) look();
    else for (const look of [...(this.#looks.get(file) ?? [])]) look();
  }
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
