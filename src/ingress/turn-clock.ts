/**
 * A clock that is read once a turn of the event loop, however often it is asked: a request asks half a dozen times, and
 * reading a clock that stays even while the machine's is set costs more than the answer is worth to it.
 */
import type { Clock } from '../lib/clock.ts';

export function turnClock(clock: Clock): Clock {
  let turnMs: number | undefined;
  const forget = () => {
    turnMs = undefined;
  };
  const nowMs = (): number => {
    if (turnMs === undefined) {
      turnMs = clock.nowMs();
      setImmediate(forget);
    }
    return turnMs;
  };
  return { ...clock, nowMs };
}
