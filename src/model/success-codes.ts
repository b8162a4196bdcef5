/** Which HTTP statuses a check takes for success: "200-299,401". */

interface Range {
  readonly first: number;
  readonly last: number;
}

const RANGE = /^(\d{3})(?:-(\d{3}))?$/;
const LOWEST = 100;
const HIGHEST = 599;

/** undefined where the text says something else. */
export function parseSuccessCodes(text: string): readonly Range[] | undefined {
  const ranges = text.split(',').map((part) => parseRange(part.trim()));
  return ranges.every((range) => range !== undefined) ? (ranges as Range[]) : undefined;
}

export const isSuccessCode = (status: number, ranges: readonly Range[]): boolean =>
  ranges.some(({ first, last }) => status >= first && status <= last);

function parseRange(text: string): Range | undefined {
  const match = RANGE.exec(text);
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  return first >= LOWEST && last <= HIGHEST && first <= last ? { first, last } : undefined;
}
