/** The value below which so large a share of the values lies; 0 of none. [1, 2, 3, 4] at 0.5 is 2. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
