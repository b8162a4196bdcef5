/**
 * A secondary index: the ids of the rows that share a value ("all allocations of this node"). Ids in sets make every
 * write constant time; the list a reader gets is built once and kept until a row of its key changes.
 */

interface Bucket<Row> {
  readonly ids: Set<string>;
  rows: readonly Row[] | undefined;
}

const NONE: readonly never[] = Object.freeze([]);

export class RowIndex<Row> {
  readonly #rowById: (id: string) => Row | undefined;
  readonly #order: ((a: Row, b: Row) => number) | undefined;
  readonly #buckets = new Map<string, Bucket<Row>>();

  constructor(rowById: (id: string) => Row | undefined, order?: (a: Row, b: Row) => number) {
    this.#rowById = rowById;
    this.#order = order;
  }

  /** The rows under a key, as they are now; the list itself never changes any more. */
  rows(key: string): readonly Row[] {
    const bucket = this.#buckets.get(key);
    if (!bucket) return NONE;
    bucket.rows ??= this.#build(bucket.ids);
    return bucket.rows;
  }

  ids(key: string): ReadonlySet<string> | undefined {
    return this.#buckets.get(key)?.ids;
  }

  /** Follows one row from what it was to what it is; `undefined` or '' stands for no key. */
  move(id: string, before: string | undefined, after: string | undefined): void {
    if (before && before !== after) this.#remove(before, id);
    if (after) this.#add(after, id);
  }

  #add(key: string, id: string): void {
    const bucket = this.#buckets.get(key);
    if (!bucket) {
      this.#buckets.set(key, { ids: new Set([id]), rows: undefined });
      return;
    }
    bucket.ids.add(id);
    bucket.rows = undefined;
  }

  #remove(key: string, id: string): void {
    const bucket = this.#buckets.get(key);
    if (!bucket) return;
    bucket.ids.delete(id);
    bucket.rows = undefined;
    if (bucket.ids.size === 0) this.#buckets.delete(key);
  }

  #build(ids: ReadonlySet<string>): readonly Row[] {
    const rows: Row[] = [];
    for (const id of ids) rows.push(this.#rowById(id)!);
    return this.#order ? rows.sort(this.#order) : rows;
  }
}
