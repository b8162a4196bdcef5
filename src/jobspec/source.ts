/** A text with its name, and stretches of it: whatever is said about a job file points at one of these. */

export interface Source {
  readonly fileName: string;
  readonly text: string;
}

/** From `start` up to, not including, `end`: offsets into the text. */
export interface SourceRange {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** Line and column count from 1; a column is a character as people count them, not a UTF-16 unit. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function positionOf(source: Source, offset: number): Position {
  const starts = lineStartsOf(source);
  const line = starts.findLastIndex((start) => start <= offset);
  return { line: line + 1, column: [...source.text.slice(starts[line], offset)].length + 1 };
}

/** The whole line in which `offset` stands, without its line break. */
export function lineAt(source: Source, offset: number): string {
  const start = source.text.lastIndexOf('\n', offset - 1) + 1;
  const end = source.text.indexOf('\n', start);
  return source.text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}

export const textOf = (range: SourceRange): string => range.source.text.slice(range.start, range.end);

/** From the start of one to the end of the other. */
export const spanning = (first: SourceRange, last: SourceRange): SourceRange => ({
  source: first.source,
  start: first.start,
  end: Math.max(first.end, last.end),
});

/** "web.nomad:10,5-16"; "web.nomad:10,5-12,3" when it spans lines. */
export function describeRange(range: SourceRange): string {
  const start = positionOf(range.source, range.start);
  const end = positionOf(range.source, range.end);
  const until = end.line === start.line ? `${end.column}` : `${end.line},${end.column}`;
  return `${range.source.fileName}:${start.line},${start.column}-${until}`;
}

const known = new WeakMap<Source, readonly number[]>();

function lineStartsOf(source: Source): readonly number[] {
  const cached = known.get(source);
  if (cached) return cached;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at !== -1; at = source.text.indexOf('\n', at + 1)) starts.push(at + 1);
  known.set(source, starts);
  return starts;
}
