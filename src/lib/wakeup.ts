/** A level-triggered doorbell: any number of rings before the waiter looks count as one. */
export class Wakeup {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring (at once if one is pending) or when the signal aborts. One waiter at a time. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', resolve as () => void, { once: true });
      }).finally(() => signal.removeEventListener('abort', this.#wake as () => void));
    }
    this.#wake = undefined;
    this.#rung = false;
  }
}
