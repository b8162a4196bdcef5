/**
 * Looks at passwords, one after the other and in short steps, so that requests go on in between. What came of each is
 * kept for a while in memory, under a digest with the hash's salt: no request of a known user waits.
 */
import { createHash } from 'node:crypto';
import { passwordSteps } from '../../lib/crypt-hash.ts';

/** "busy": too many others are waiting to be looked at. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

type Judge = (verdict: PasswordVerdict) => void;

const MAX_KNOWN = 10_000;
const MAX_WAITING = 256;

interface Check {
  readonly key: string;
  readonly steps: Generator<undefined, boolean>;
  readonly judges: Judge[];
}

export class PasswordChecks {
  readonly #later: (step: () => void) => void;
  /** Apart, so that nobody who guesses drives out those who know. */
  readonly #known: Readonly<Record<'right' | 'wrong', Set<string>>> = { right: new Set(), wrong: new Set() };
  readonly #waiting = new Map<string, Check>();

  constructor(later: (step: () => void) => void = setImmediate) {
    this.#later = later;
  }

  check(password: string, hash: string, judge: Judge): void {
    const key = createHash('sha256').update(`${hash} ${password}`).digest('base64');
    if (this.#known.right.has(key)) judge('right');
    else if (this.#known.wrong.has(key)) judge('wrong');
    else this.#wait(key, password, hash, judge);
  }

  #wait(key: string, password: string, hash: string, judge: Judge): void {
    const known = this.#waiting.get(key);
    if (known !== undefined) {
      known.judges.push(judge);
      return;
    }
    if (this.#waiting.size >= MAX_WAITING) {
      judge('busy');
      return;
    }
    this.#waiting.set(key, { key, steps: passwordSteps(password, hash), judges: [judge] });
    if (this.#waiting.size === 1) this.#later(() => this.#step());
  }

  #step(): void {
    const [check] = this.#waiting.values();
    if (check === undefined) return;
    const { done, value } = check.steps.next();
    if (done) this.#finish(check, value ? 'right' : 'wrong');
    if (this.#waiting.size > 0) this.#later(() => this.#step());
  }

  #finish({ key, judges }: Check, verdict: 'right' | 'wrong'): void {
    this.#waiting.delete(key);
    const known = this.#known[verdict];
    known.add(key);
    if (known.size > MAX_KNOWN) known.delete(known.values().next().value!);
    for (const judge of judges) judge(verdict);
  }
}
