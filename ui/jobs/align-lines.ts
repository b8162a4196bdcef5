/** Two texts line by line, side by side: what stayed is in one row, what changed faces what it became. Pure. */
export interface AlignedLine {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly isSame: boolean;
}

/** Beyond, what is common costs more to find than it helps. */
const MOST_LINES = 2_000;

export function alignLines(before: string, after: string): readonly AlignedLine[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const start = commonStart(old, fresh);
  const end = commonEnd(old.slice(start), fresh.slice(start));
  const [oldPart, freshPart] = [old.slice(start, old.length - end), fresh.slice(start, fresh.length - end)];
  return [...old.slice(0, start).map(same), ...changed(oldPart, freshPart), ...old.slice(old.length - end).map(same)];
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

const same = (line: string): AlignedLine => ({ before: line, after: line, isSame: true });

function commonStart(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

const commonEnd = (a: readonly string[], b: readonly string[]): number => commonStart(a.toReversed(), b.toReversed());

function changed(old: readonly string[], fresh: readonly string[]): readonly AlignedLine[] {
  const kept = old.length + fresh.length > MOST_LINES ? [] : longestCommon(old, fresh);
  const rows: AlignedLine[] = [];
  let [a, b] = [0, 0];
  for (const [nextA, nextB] of [...kept, [old.length, fresh.length] as const]) {
    rows.push(...facing(old.slice(a, nextA), fresh.slice(b, nextB)));
    if (nextA < old.length) rows.push(same(old[nextA]!));
    [a, b] = [nextA + 1, nextB + 1];
  }
  return rows;
}

/** What went beside what came, the longer one with nothing facing its rest. */
function facing(old: readonly string[], fresh: readonly string[]): readonly AlignedLine[] {
  return Array.from({ length: Math.max(old.length, fresh.length) }, (_, at) => ({
    before: old[at],
    after: fresh[at],
    isSame: false,
  }));
}

/** Pairs of places, rising in both: the longest sequence of lines that both texts have. */
function longestCommon(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [down, right] = [lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!];
      lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1]! + 1 : Math.max(down, right);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}
