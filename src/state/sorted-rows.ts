/** A small table whose rows are listed in the order of their keys; the list is built once and kept until a change. */
export class SortedRows<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #keys: string[] = [];
  #list: readonly Row[] | undefined;

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  values(): readonly Row[] {
    this.#list ??= this.#keys.map((key) => this.#rows.get(key)!);
    return this.#list;
  }

  set(key: string, after: Row | undefined): Row | undefined {
    const before = this.#rows.get(key);
    if (before === undefined && after === undefined) return undefined;
    this.#list = undefined;
    if (after === undefined) {
      this.#rows.delete(key);
      this.#keys.splice(this.#place(key), 1);
    } else {
      if (before === undefined) this.#keys.splice(this.#place(key), 0, key);
      this.#rows.set(key, after);
    }
    return before;
  }

  /** Where the key stands, or would stand. */
  #place(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
