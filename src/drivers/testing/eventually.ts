/** For live tests: what happens on its own happens within a while. */
import { sleep, systemClock } from '../../lib/clock.ts';

export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = systemClock.nowMs() + withinMs;
  while (!(await holds())) {
    if (systemClock.nowMs() > deadline) throw new Error('did not happen in time');
    await sleep(systemClock, 5);
  }
}
