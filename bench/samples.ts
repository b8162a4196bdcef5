/** Medians and percentiles of a handful of runs. */

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** The smallest sample that at least this share of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('no samples');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** One run after the other. */
export async function repeat<T>(times: number, run: (at: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let at = 0; at < times; at++) results.push(await run(at));
  return results;
}
