/** The best few of what was looked at, best first; equals keep the order in which they came. Made once, used for every placement. */
export class BestOf {
  readonly #size: number;
  readonly #numbers: Int32Array;
  readonly #ranks: Float64Array;
  #held = 0;

  constructor(size: number) {
    this.#size = size;
    this.#numbers = new Int32Array(size);
    this.#ranks = new Float64Array(size);
  }

  get held(): number {
    return this.#held;
  }

  number(at: number): number {
    return this.#numbers[at]!;
  }

  rank(at: number): number {
    return this.#ranks[at]!;
  }

  clear(): void {
    this.#held = 0;
  }

  offer(number: number, rank: number): void {
    if (this.#held === this.#size && rank <= this.#ranks[this.#size - 1]!) return;
    if (this.#held < this.#size) this.#held++;
    let at = this.#held - 1;
    for (; at > 0 && this.#ranks[at - 1]! < rank; at--) {
      this.#ranks[at] = this.#ranks[at - 1]!;
      this.#numbers[at] = this.#numbers[at - 1]!;
    }
    this.#ranks[at] = rank;
    this.#numbers[at] = number;
  }
}
