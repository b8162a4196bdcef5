/**
 * The one value by which HAProxy chooses a pool for a request: the name of a slot, or several of them with thresholds
 * for a random number below a million. "950000/a/b": a below 950,000, else b. A pool without a share is not in it.
 */

export const CHOICE_RANGE = 1_000_000;

export interface PoolShare {
  readonly slot: string;
  readonly weight: number;
}

/** `wait`: where to go when no pool may have anything. */
export function poolChoice(shares: readonly PoolShare[], wait: string): string {
  const chosen = shares.filter(({ weight }) => weight > 0);
  const total = chosen.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  const parts = chosen.map(({ slot, weight }, at) => {
    reached += weight;
    if (at === chosen.length - 1) return slot;
    return `${clamp(Math.round((reached / total) * CHOICE_RANGE))}/${slot}`;
  });
  return parts.length === 0 ? wait : parts.join('/');
}

/** However small a share is, it is not nothing. */
const clamp = (threshold: number): number => Math.min(Math.max(threshold, 1), CHOICE_RANGE - 1);

/** The slots that a value names. */
export const slotsOfChoice = (choice: string): string[] => choice.split('/').filter((part) => !/^\d+$/.test(part));
