/** Which entries are most likely meant by what was typed: pure. */
export interface Ranked {
  readonly name: string;
  /** "job", "node": may be typed as well. */
  readonly kind: string;
}

/** Best first, at most so many. Nothing typed: as they stand. */
export function ranked<T extends Ranked>(entries: readonly T[], typed: string, most: number): readonly T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries.slice(0, most);
  return entries
    .map((entry, at) => ({ entry, at, score: scoreOf(entry, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, most)
    .map(({ entry }) => entry);
}

/** Every word must be found; 0: one was not. */
function scoreOf({ name, kind }: Ranked, words: readonly string[]): number {
  const lower = name.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const score = Math.max(wordScore(lower, word), kind.startsWith(word) ? KIND : 0);
    if (score === 0) return 0;
    sum += score;
  }
  return sum;
}

/** Each stands above all that comes after it, however long the names are. */
const WHOLE = 5_000;
const BEGINNING = 4_000;
const WORD_BEGINNING = 3_000;
const INSIDE = 2_000;
const KIND = 1_500;
const SCATTERED = 1_000;
/** What is taken off for length or gaps. */
const MOST_OFF = 900;

/** Among equals the shorter name, and the earlier place. */
function wordScore(name: string, word: string): number {
  const at = name.indexOf(word);
  if (at < 0) return scatteredScore(name, word);
  if (name === word) return WHOLE;
  const off = Math.min(MOST_OFF, at + name.length);
  if (at === 0) return BEGINNING - off;
  return (beginsWordAt(name, word) ? WORD_BEGINNING : INSIDE) - off;
}

function beginsWordAt(name: string, word: string): boolean {
  for (let at = name.indexOf(word); at >= 0; at = name.indexOf(word, at + 1)) {
    if (/[^a-z0-9]/.test(name[at - 1] ?? ' ')) return true;
  }
  return false;
}

/** Its letters in their order: "wbp" finds "web-prod"; the fewer between them the better. */
function scatteredScore(name: string, word: string): number {
  let at = -1;
  let first = -1;
  for (const letter of word) {
    at = name.indexOf(letter, at + 1);
    if (at < 0) return 0;
    if (first < 0) first = at;
  }
  return SCATTERED - Math.min(MOST_OFF, (at - first - word.length + 1) * 10 + first);
}
