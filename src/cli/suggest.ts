/** The nearest known word to one that is not known, where it is near enough to be a slip. */
import { createRequire } from 'node:module';

export function suggest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const { closest, distance } = levenshtein();
  const nearest = closest(word, [...known]);
  const farthest = Math.max(1, Math.ceil(Math.max(word.length, nearest.length) * 0.4));
  return distance(word, nearest) <= farthest ? nearest : undefined;
}

/** Loaded only when somebody has slipped: every command would pay for it otherwise. */
const levenshtein = (): typeof import('fastest-levenshtein') =>
  createRequire(import.meta.url)('fastest-levenshtein') as typeof import('fastest-levenshtein');
