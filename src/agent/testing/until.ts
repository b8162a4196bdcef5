/** Waiting in live tests: for a condition, never for a time that is hoped to be long enough. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../lib/errors.ts';

const LOOK_EVERY_MS = 25;
const PATIENCE_MS = 60_000;

/** Asks until the answer is truthy; an error counts as "not yet", and is told when the patience ends. */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  patienceMs = PATIENCE_MS,
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  const deadline = Date.now() + patienceMs;
  let last = '';
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer as Exclude<T, undefined | null | false | 0 | ''>;
      last = '';
    } catch (error) {
      last = `: ${messageOf(error)}`;
    }
    if (Date.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what}${last}`);
    await delay(LOOK_EVERY_MS);
  }
}
