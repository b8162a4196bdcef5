/** When counts are said: at each change, and twice more when they stand still, so that rates made of them come down to zero. */
export interface Said {
  readonly text: string;
  readonly atMs: number;
  readonly times: number;
}

export const NOTHING_SAID: Said = { text: '', atMs: 0, times: 0 };

const MOST_TIMES = 3;
/** Ingresses report every second or two: sooner, the time between two reports would look like silence. */
const STILL_MS = 4_000;

/** The same as before: there is nothing to say now. */
export function saidAfter(before: Said, text: string, atMs: number): Said {
  if (text !== before.text) return { text, atMs, times: 1 };
  const isDue = before.times < MOST_TIMES && atMs - before.atMs >= STILL_MS;
  return isDue ? { text, atMs, times: before.times + 1 } : before;
}
