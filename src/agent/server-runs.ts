/**
 * Keeps the server's loops running. A write that fails ends them (nobody acts on what may not be stored); on the one
 * machine that has the state there is nobody to take over, so they begin again: on a disk that is full the agent goes
 * on answering, tasks and requests run on, and once there is room everything is as before.
 */
import { backoffMs } from '../lib/backoff.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import type { Service } from '../lib/service.ts';
import type { Server } from '../server/server.ts';

export interface ServerRunsOptions {
  readonly server: Pick<Server, 'run'> & { readonly state: Pick<Server['state'], 'isBroken'> };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const AGAIN = { firstMs: 500, maxMs: 10_000 };
/** Whoever ran this long has not failed in a row. */
const LONG_RUN_MS = 60_000;

export function serverRuns({ server, clock, random, log }: ServerRunsOptions): Service {
  return {
    id: 'server',
    async run(signal) {
      for (let failures = 0; !signal.aborted; failures++) {
        const beganMs = clock.nowMs();
        try {
          return await server.run(signal);
        } catch (error) {
          if (server.state.isBroken || !isOfStore(error)) throw error;
        }
        if (clock.nowMs() - beganMs > LONG_RUN_MS) failures = 0;
        if (failures === 0) log.warn({}, 'the server begins again with what is stored; tasks and requests run on');
        await sleep(clock, backoffMs(failures, AGAIN, random), signal);
      }
    },
  };
}

/** The write itself, or one that came while the state was being read again. */
const isOfStore = (error: unknown): boolean =>
  error instanceof SerinError && (error.code === 'storage' || error.code === 'unavailable');

/** A disk that is full refuses every write: said at once, and then no more often than this. */
const SAID_EVERY_MS = 30_000;

/** What to do with failures of the store: they are logged, the same one not again and again. */
export function storeFailureLog(clock: Clock, log: Log): (error: SerinError) => void {
  let said = { message: '', atMs: 0 };
  return (error) => {
    const nowMs = clock.nowMs();
    if (said.message === error.message && nowMs - said.atMs < SAID_EVERY_MS) return;
    said = { message: error.message, atMs: nowMs };
    log.error({ error }, 'a change could not be stored; the state was read again');
  };
}
