import { expect, it } from 'vitest';
import { SerinError } from '../lib/errors.ts';
import { silentLog } from '../lib/log.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import { serverRuns, storeFailureLog } from './server-runs.ts';

const full = new SerinError('storage', 'the disk is full');

/** A server whose runs end with these, one after the other; then it runs until it is told to stop. */
function lab(ends: unknown[], isBroken = false) {
  const clock = new VirtualClock();
  const runs: number[] = [];
  const server = {
    state: { isBroken },
    run: async (signal: AbortSignal) => {
      runs.push(clock.nowMs());
      const end = ends.shift();
      if (end !== undefined) throw end;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
  const stop = new AbortController();
  const ended = serverRuns({ server, clock, random: { next: () => 1 }, log: silentLog }).run(stop.signal);
  return { clock, runs, stop, ended };
}

it('begins again after a write that failed, later each time', async () => {
  const { clock, runs, stop, ended } = lab([full, new SerinError('unavailable', 'being read again'), full]);
  const startMs = clock.nowMs();
  await clock.advance(60_000);
  expect(runs.map((atMs) => atMs - startMs)).toEqual([0, 500, 1_500, 3_500]);
  stop.abort();
  await ended;
});

it('ends with what is no matter of the store, and where the store does not answer any more', async () => {
  await expect(lab([new Error('a bug')]).ended).rejects.toThrow('a bug');
  await expect(lab([full], true).ended).rejects.toThrow('the disk is full');
});

it('ends while it waits when it is told to', async () => {
  const { clock, runs, stop, ended } = lab([full]);
  await clock.advance(10);
  stop.abort();
  await ended;
  expect(runs).toHaveLength(1);
});

it('logs the same failure once in a while only', async () => {
  const clock = new VirtualClock();
  const said: unknown[] = [];
  const note = storeFailureLog(clock, { ...silentLog, error: (data) => void said.push(data) });
  note(full);
  await clock.advance(10_000);
  note(full);
  note(new SerinError('storage', 'another'));
  await clock.advance(30_000);
  note(full);
  expect(said).toHaveLength(3);
});
