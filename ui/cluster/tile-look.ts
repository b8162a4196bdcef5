/** How an instance looks as a tile: pure. The form says its state as well as the colour. */
import type { AllocRow } from '../live/alloc-row.ts';

export type TileState = 'running' | 'starting' | 'stopping' | 'failed';

export interface TileLook {
  readonly state: TileState;
  /** The name of a colour of tokens.css. */
  readonly colour: string;
}

/** What is on a node still, or should be: what has ended as it was meant to is history. */
export function tileState({ ClientStatus, DesiredStatus }: AllocRow): TileState | undefined {
  if (ClientStatus === 'failed' || ClientStatus === 'lost') return DesiredStatus === 'run' ? 'failed' : undefined;
  if (ClientStatus === 'complete') return undefined;
  if (DesiredStatus !== 'run') return 'stopping';
  return ClientStatus === 'running' ? 'running' : 'starting';
}

const STATE_COLOURS: Readonly<Record<TileState, string>> = {
  running: '--good',
  starting: '--busy',
  stopping: '--wait',
  failed: '--bad',
};

const JOB_COLOURS = 8;

export const TILE_COLOURS: readonly string[] = [
  ...Object.values(STATE_COLOURS),
  ...Array.from({ length: JOB_COLOURS }, (_, at) => `--job-${at + 1}`),
];

export function tileLook(alloc: AllocRow, by: 'state' | 'job'): TileLook {
  const state = tileState(alloc) ?? 'stopping';
  return { state, colour: by === 'state' ? STATE_COLOURS[state] : jobColour(alloc.JobID) };
}

/** The same in every cluster and at every visit. */
export function jobColour(jobId: string): string {
  let hash = 0;
  for (let at = 0; at < jobId.length; at++) hash = (hash * 31 + jobId.charCodeAt(at)) >>> 0;
  return `--job-${(hash % JOB_COLOURS) + 1}`;
}

/** What a screen reader hears, and a pointer shows. */
export const tileWords = (alloc: AllocRow): string =>
  `${alloc.Name}, version ${alloc.JobVersion}, ${tileState(alloc) ?? alloc.ClientStatus}`;

const STATES: readonly TileState[] = ['running', 'starting', 'stopping', 'failed'];

/** "12 running, 1 starting". */
export function countWords(allocs: readonly AllocRow[]): string {
  const counts = new Map<TileState | undefined, number>();
  for (const alloc of allocs) counts.set(tileState(alloc), (counts.get(tileState(alloc)) ?? 0) + 1);
  const words = STATES.filter((state) => counts.has(state)).map((state) => `${counts.get(state)} ${state}`);
  return words.join(', ') || 'nothing';
}
