/**
 * The last lines of a stream without an end: pure. Lines live in blocks that never change once they are full, so that a
 * reader of thousands of lines draws only the last block again; the oldest block goes as a whole.
 */
export interface LineBlock {
  /** Counts up from the first line that was read. */
  readonly firstLine: number;
  readonly lines: readonly string[];
}

export interface LineBuffer {
  readonly blocks: readonly LineBlock[];
  /** The line that has not ended yet. */
  readonly open: string;
  /** How many were kept no longer. */
  readonly dropped: number;
}

export const BLOCK_LINES = 100;
export const KEPT_LINES = 5_000;
/** Something that writes no line ends is cut here. */
export const LONGEST_LINE = 10_000;

export const EMPTY_BUFFER: LineBuffer = { blocks: [], open: '', dropped: 0 };

export function appended(buffer: LineBuffer, text: string): LineBuffer {
  const pieces = (buffer.open + text).split('\n');
  const open = pieces.pop() ?? '';
  const lines = pieces.flatMap(cutLong);
  const [cut, rest] = cutOpen(open);
  return trimmed({ ...buffer, blocks: withLines(buffer.blocks, [...lines, ...cut], buffer.dropped), open: rest });
}

/** Of all that is kept, the open line included. */
export const lineCount = ({ blocks, open }: LineBuffer): number =>
  blocks.reduce((sum, { lines }) => sum + lines.length, open === '' ? 0 : 1);

function withLines(blocks: readonly LineBlock[], lines: readonly string[], dropped: number): readonly LineBlock[] {
  const grown = [...blocks];
  let rest = lines;
  while (rest.length > 0) {
    const last = grown.at(-1);
    const room = last ? BLOCK_LINES - last.lines.length : 0;
    if (last && room > 0) grown[grown.length - 1] = { ...last, lines: [...last.lines, ...rest.slice(0, room)] };
    else grown.push({ firstLine: last ? last.firstLine + BLOCK_LINES : dropped, lines: rest.slice(0, BLOCK_LINES) });
    rest = rest.slice(last && room > 0 ? room : BLOCK_LINES);
  }
  return grown;
}

function trimmed(buffer: LineBuffer): LineBuffer {
  const tooMany = buffer.blocks.length - Math.ceil(KEPT_LINES / BLOCK_LINES) - 1;
  if (tooMany <= 0) return buffer;
  const gone = buffer.blocks.slice(0, tooMany).reduce((sum, { lines }) => sum + lines.length, 0);
  return { ...buffer, blocks: buffer.blocks.slice(tooMany), dropped: buffer.dropped + gone };
}

function cutLong(line: string): readonly string[] {
  if (line.length <= LONGEST_LINE) return [line];
  const parts: string[] = [];
  for (let at = 0; at < line.length; at += LONGEST_LINE) parts.push(line.slice(at, at + LONGEST_LINE));
  return parts;
}

function cutOpen(open: string): readonly [readonly string[], string] {
  if (open.length <= LONGEST_LINE) return [[], open];
  const parts = cutLong(open);
  return [parts.slice(0, -1), parts.at(-1) ?? ''];
}
