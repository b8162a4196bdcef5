/** "Did you mean …": the nearest known name, when it is near enough to be a slip of the hand. */
import { closest, distance } from 'fastest-levenshtein';

export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(name, known);
  return distance(name.toLowerCase(), nearest.toLowerCase()) <= Math.max(1, Math.floor(name.length / 3))
    ? nearest
    : undefined;
}

/** The sentence for an unknown name: the nearest one, or else all that are known here. */
export function suggestName(name: string, known: readonly string[], what: string): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `Did you mean "${nearest}"?`;
  return known.length === 0 ? `No ${what} is known here.` : `Known here: ${[...known].sort().join(', ')}.`;
}
