/** The nearest known word to one that is not known, where it is near enough to be a slip. */
import { closest, distance } from 'fastest-levenshtein';

export function suggest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(word, [...known]);
  const farthest = Math.max(1, Math.ceil(Math.max(word.length, nearest.length) * 0.4));
  return distance(word, nearest) <= farthest ? nearest : undefined;
}
