/**
 * How long answers take, as counts of how many took at most so long: such counts add up over ingresses, and what is left
 * of two of them is what came between. Finer than a factor of two, so that a canary that is half as slow again shows.
 */

/** Upper bounds in milliseconds; what is above the last one is counted after it. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10_000,
  15_000, 20_000, 30_000, 60_000,
];

/** The place of a duration among the counts. */
export function latencyBucket(ms: number): number {
  let at = 0;
  while (at < LATENCY_BOUNDS_MS.length && ms > LATENCY_BOUNDS_MS[at]!) at++;
  return at;
}

/** Without the zeros at the end. */
export function trimmedCounts(counts: readonly number[]): number[] {
  let length = counts.length;
  while (length > 0 && counts[length - 1] === 0) length--;
  return counts.slice(0, length);
}

export function addCounts(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => (a[at] ?? 0) + (b[at] ?? 0));
}

/** What came after `before`. */
export function countsSince(now: readonly number[], before: readonly number[]): number[] {
  return now.map((count, at) => Math.max(0, count - (before[at] ?? 0)));
}

/**
 * The time in which `part` (0.99) of them were answered, somewhere evenly within its bucket; undefined: there are none.
 * Beyond the last bound nothing is known but that.
 */
export function latencyAt(counts: readonly number[], part: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const wanted = part * total;
  let reached = 0;
  for (const [at, count] of counts.entries()) {
    if (count > 0 && reached + count >= wanted) return within(at, (wanted - reached) / count);
    reached += count;
  }
  return LATENCY_BOUNDS_MS.at(-1);
}

function within(at: number, part: number): number {
  const from = LATENCY_BOUNDS_MS[at - 1] ?? 0;
  const to = LATENCY_BOUNDS_MS[at] ?? from;
  return from + (to - from) * part;
}
