/** What a drain will do, said before it is begun: pure. */
import type { DrainBody } from '../../src/api/cluster.ts';
import { counted } from '../kit/words.ts';
import { type AllocRow, holdsRoom } from '../live/alloc-row.ts';

export type DrainLimit = 'deadline' | 'none' | 'force';

export interface DrainChoice {
  readonly limit: DrainLimit;
  readonly minutes: number;
  readonly ignoreSystem: boolean;
}

export const USUAL: DrainChoice = { limit: 'deadline', minutes: 60, ignoreSystem: false };

export interface Moving {
  readonly services: number;
  readonly batch: number;
  readonly system: number;
}

/** What has not ended on a node and is not on its way already. */
export function movingOf(allocs: readonly AllocRow[]): Moving {
  const counts = { services: 0, batch: 0, system: 0 };
  for (const alloc of allocs) {
    if (holdsRoom(alloc) && alloc.DesiredStatus === 'run') counts[KINDS[alloc.jobType] ?? 'services'] += 1;
  }
  return counts;
}

const KINDS: Readonly<Record<string, keyof Moving>> = { batch: 'batch', system: 'system', sysbatch: 'system' };

export function drainWords(moving: Moving, choice: DrainChoice): readonly string[] {
  const until = choice.limit === 'deadline' ? ` within ${counted(choice.minutes, 'minute')}` : '';
  return [
    moving.services + moving.batch + moving.system === 0 && 'Nothing runs here: the drain is over at once.',
    moving.services > 0 && serviceWords(moving.services, choice.limit),
    moving.batch > 0 && batchWords(moving.batch, choice.limit, until),
    moving.system > 0 && systemWords(moving.system, choice.ignoreSystem),
    choice.limit === 'deadline' && `What is still here in ${counted(choice.minutes, 'minute')} is stopped then.`,
    choice.limit === 'none' && 'The drain waits as long as it takes.',
    'Nothing new is placed here until somebody makes the node eligible again.',
  ].filter((sentence) => sentence !== false);
}

function serviceWords(count: number, limit: DrainLimit): string {
  const what = `${counted(count, 'instance')} of services ${count === 1 ? 'moves' : 'move'} to other nodes`;
  return limit === 'force'
    ? `${what} at once, without waiting for the new ones: requests may fail.`
    : `${what}, a few at a time: the new one serves before the one here gets no more requests and stops.`;
}

function batchWords(count: number, limit: DrainLimit, until: string): string {
  const what = `${counted(count, 'instance')} of batch jobs`;
  return limit === 'force'
    ? `${what} ${count === 1 ? 'is' : 'are'} stopped and begun anew elsewhere.`
    : `${what} may finish here${until}.`;
}

const systemWords = (count: number, ignored: boolean): string =>
  ignored
    ? `${counted(count, 'instance')} of system jobs ${count === 1 ? 'stays' : 'stay'}.`
    : `${counted(count, 'instance')} of system jobs ${count === 1 ? 'is' : 'are'} stopped when the rest has gone.`;

/** As the API wants it, in nanoseconds: negative is at once, 0 is never. */
export function drainBody({ limit, minutes, ignoreSystem }: DrainChoice): DrainBody {
  const Deadline = limit === 'force' ? -1 : limit === 'none' ? 0 : minutes * 60e9;
  return { DrainSpec: { Deadline, IgnoreSystemJobs: ignoreSystem }, MarkEligible: false, Meta: null };
}
