/** What people were told is done, and must still be so after a crash. */
import type { ReadTx } from '../../src/state/types.ts';
import type { Verdicts } from './laws.ts';

export interface Fact {
  readonly what: string;
  readonly holds: (tx: ReadTx) => boolean;
}

/** A later word about the same thing takes the place of an earlier one. */
export class Acknowledged {
  readonly #facts = new Map<string, Fact>();

  note(about: string, fact: Fact): void {
    this.#facts.set(about, fact);
  }

  /** Somebody asks for something else now: until that is acknowledged, either may be true. */
  forget(about: string): void {
    this.#facts.delete(about);
  }

  check(verdicts: Verdicts, tx: ReadTx): void {
    for (const { what, holds } of this.#facts.values())
      verdicts.check('acknowledged', holds(tx), () => `${what} was acknowledged, and is not so any more`);
  }
}
