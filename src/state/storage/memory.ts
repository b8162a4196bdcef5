/**
 * A store in memory with etcd's limits, for tests and the simulation: it survives what its user calls a crash, and a
 * hook decides before and after each of its transactions whether it works, fails, or is the last one.
 */
import { SerinError } from '../../lib/errors.ts';
import {
  MAX_OPERATIONS,
  MAX_TRANSACTION_BYTES,
  type Operation,
  RecordStorage,
  type RecordStore,
} from './record-store.ts';
import type { Storage } from './storage.ts';

export interface MemoryFaults {
  /** Throw or reject: the transaction fails and is not there. May also delay it. `ordinal` counts from 1. */
  before?(ordinal: number): void | Promise<void>;
  /** Throw or reject: the transaction is there, though its caller hears that it failed. */
  after?(ordinal: number): void | Promise<void>;
}

/** The records; keep it across a crash and open it again. */
export class MemoryRecords {
  faults: MemoryFaults = {};
  readonly #records = new Map<string, Uint8Array>();
  #ordinal = 0;
  /** Grows at each crash: a connection from before it can do nothing any more. */
  #era = 0;

  /** How many transactions were asked for so far. */
  get transactions(): number {
    return this.#ordinal;
  }

  /** How many records there are. */
  get size(): number {
    return this.#records.size;
  }

  connect(): RecordStore {
    const era = this.#era;
    const refuseDead = () => {
      if (era !== this.#era) throw new SerinError('storage', 'the process that used this store has crashed');
    };
    return {
      transact: async (operations) => {
        refuseDead();
        refuseOverLimit(operations);
        const ordinal = ++this.#ordinal;
        await this.faults.before?.(ordinal);
        refuseDead();
        this.#apply(operations);
        await this.faults.after?.(ordinal);
        refuseDead();
      },
      range: async (prefix) => {
        refuseDead();
        return this.#range(prefix);
      },
      close: async () => {},
    };
  }

  /** The process ends here: what its connections still want is refused; the records stay as they are. */
  crash(): void {
    this.#era++;
  }

  #apply(operations: readonly Operation[]): void {
    for (const operation of operations) {
      if ('put' in operation) this.#records.set(operation.put, Uint8Array.from(operation.value));
      else this.#records.delete(operation.remove);
    }
  }

  #range(prefix: string): { key: string; value: Uint8Array }[] {
    const keys = [...this.#records.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.map((key) => ({ key, value: this.#records.get(key)! }));
  }
}

/**
 * A storage in memory. Pass the same records to open what an earlier one has stored; smaller pieces make a crash
 * between two of them likely.
 */
export function openMemoryStorage(
  records = new MemoryRecords(),
  options: { readonly pieceBytes?: number } = {},
): Storage {
  return new RecordStorage(records.connect(), options.pieceBytes);
}

function refuseOverLimit(operations: readonly Operation[]): void {
  let bytes = 0;
  for (const each of operations) bytes += 'put' in each ? each.put.length + each.value.length : each.remove.length;
  if (operations.length <= MAX_OPERATIONS && bytes <= MAX_TRANSACTION_BYTES) return;
  throw new SerinError(
    'storage',
    `a transaction of ${operations.length} operations and ${bytes} bytes is over the store's limits`,
  );
}
