/** For how long nothing has moved, to the next look now and then: whoever moves something only counts. */
export class Stillness {
  /** Grows with whatever moves. */
  moved = 0;
  #movedBefore = -1;
  #sinceMs = 0;

  /** Milliseconds since the look that saw the last movement. */
  look(nowMs: number): number {
    if (this.moved !== this.#movedBefore) {
      this.#movedBefore = this.moved;
      this.#sinceMs = nowMs;
    }
    return nowMs - this.#sinceMs;
  }
}
